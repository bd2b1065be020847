#include "sip-parser/sdp/print.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"
#include "tests/support/sip_messages.h"

namespace demarc::sdp {
namespace {

const std::string key30(40, 'A');

PrintedSession our_session() {
  return our_rewrite().session;
}

std::string print_new(const PrintedSession& session, std::span<const PrintedMedia> media) {
  std::array<char, 8192> buffer;
  sip::Writer writer(buffer);
  return print(session, media, writer) ? std::string(writer.written()) : "failed";
}

// The lines of one media description with `rewrite` for its only media.
std::string lines_of(std::string_view body, const Rewrite::Media& media) {
  Rewrite rewrite = our_rewrite();
  rewrite.media[0] = media;
  const std::string printed = print_again(body, rewrite);
  const size_t begin = printed.find("m=");
  return begin == std::string::npos ? printed : printed.substr(begin);
}

TEST(SdpPrint, PutsOurValuesInPlaceOfThePeers) {
  EXPECT_EQ(print_again(support::sdp_offer, our_rewrite()),
            "v=0\r\no=- 7 8 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
            "m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n");
}

TEST(SdpPrint, LeavesOutWhatIsNotAllowed) {
  const std::string body =
      std::string(session_lines) +
      "b=CT:128\r\nk=clear:secret\r\na=group:BUNDLE a\r\na=ice-lite\r\n"
      "a=tool:secret\r\na=sendonly\r\n" +
      std::string(audio_line) +
      "i=secret\r\nc=IN IP4 192.0.2.99\r\nb=AS:64\r\nb=X-SECRET:1\r\nk=clear:secret\r\n"
      "a=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\na=fmtp:9 x\r\na=fmtp:red 0\r\n"
      "a=maxptime:40\r\na=silenceSupp:off - - - -\r\na=candidate:1 1 UDP 1 10.0.0.1 1 typ host\r\n"
      "a=ice-ufrag:x\r\na=ice-pwd:x\r\na=fingerprint:sha-1 x\r\na=setup:active\r\n"
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=ssrc:1 cname:x\r\na=mid:a\r\n"
      "a=rtcp:4009 IN IP4 10.0.0.1\r\na=x-own:10.0.0.1\r\na=remote-candidates:1 10.0.0.1 1\r\n"
      "a=T38FaxVersion:0\r\na=T38VendorInfo:1 1 1\r\n";
  EXPECT_EQ(print_again(body, our_rewrite()),
            "v=0\r\no=- 7 8 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nb=CT:128\r\n"
            "t=0 0\r\nm=audio 20000 RTP/AVP 0 101\r\nb=AS:64\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=maxptime:40\r\na=silenceSupp:off - - - -\r\na=T38FaxVersion:0\r\na=sendonly\r\n");
}

TEST(SdpPrint, PrintsNumbersAsNumbers) {
  EXPECT_EQ(lines_of(std::string(session_lines) +
                         "m=audio 004 RTP/AVP 00000000000 007\r\na=rtpmap:7 L16/0000044100/02\r\n"
                         "a=ptime:00020\r\nb=AS:0000000000064\r\n",
                     {.port = 5}),
            "m=audio 5 RTP/AVP 0 7\r\nb=AS:64\r\na=rtpmap:7 L16/44100/2\r\na=ptime:20\r\n");
}

TEST(SdpPrint, LeavesOutAnRtpmapWithoutAClockRate) {
  EXPECT_EQ(lines_of(body_with("a=rtpmap:0 PCMU\r\n"), {.port = 5}), "m=audio 5 RTP/AVP 0 101\r\n");
}

TEST(SdpPrint, PrintsRefusedMediaAsItsLineOnly) {
  const std::string body =
      body_with("b=AS:1\r\na=ptime:20\r\na=rtcp-mux\r\n" + std::string(audio_line));
  Rewrite rewrite = our_rewrite();
  rewrite.media[0] = {};
  const std::string printed = print_again(body, rewrite);
  EXPECT_NE(printed.find("t=0 0\r\nm=audio 0 RTP/AVP 0 101\r\nm=audio 20000 RTP/AVP 0 101\r\n"),
            std::string::npos);
}

TEST(SdpPrint, PrintsRtcpWhereItIsNotTheNextPort) {
  const std::string body = body_with("a=rtcp-mux\r\n");
  const std::string begin = "m=audio 20000 RTP/AVP 0 101\r\n";
  EXPECT_EQ(lines_of(body, {.port = 20000, .rtcp_port = 20001, .rtcp_mux = true}),
            begin + "a=rtcp-mux\r\n");
  EXPECT_EQ(lines_of(body, {.port = 20000, .rtcp_port = 20003}), begin + "a=rtcp:20003\r\n");
  EXPECT_EQ(lines_of(body, {.port = 20000}), begin);
  // Not kept where the peer had none.
  EXPECT_EQ(lines_of(body_with(""), {.port = 20000, .rtcp_mux = true}), begin);
}

TEST(SdpPrint, PrintsIp6) {
  Rewrite rewrite = our_rewrite();
  rewrite.session.type = AddressType::ip6;
  rewrite.session.address = "2001:db8::5";
  const std::string printed = print_again(support::sdp_offer, rewrite);
  EXPECT_NE(printed.find("o=- 7 8 IN IP6 2001:db8::5\r\ns=-\r\nc=IN IP6 2001:db8::5\r\n"),
            std::string::npos);
}

TEST(SdpPrint, PrintsTheAddressOfAMediaDescriptionOnlyWhereItDiffers) {
  Rewrite rewrite = our_rewrite();
  rewrite.media[0].address = rewrite.session.address;
  EXPECT_EQ(print_again(support::sdp_offer, rewrite),
            print_again(support::sdp_offer, our_rewrite()));
  EXPECT_EQ(
      lines_of(body_with(""), {.port = 5, .address = "2001:db8::7", .type = AddressType::ip6}),
      "m=audio 5 RTP/AVP 0 101\r\nc=IN IP6 2001:db8::7\r\n");
}

TEST(SdpPrint, PutsOurOwnCryptoInPlaceOfThePeers) {
  const std::array<PrintedCrypto, 2> crypto = {
      {{.tag = 1, .suite = CryptoSuite::aes_cm_128_hmac_sha1_80, .key = key30},
       {.tag = 2,
        .suite = CryptoSuite::aes_cm_128_hmac_sha1_32,
        .key = key30,
        .lifetime_exponent = 31,
        .mki = "1",
        .mki_octets = 4}}};
  EXPECT_EQ(lines_of(body_with("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SECRET\r\n"),
                     {.port = 5, .protocol = "RTP/SAVP", .crypto = crypto}),
            "m=audio 5 RTP/SAVP 0 101\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 +
                "\r\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" + key30 + "|2^31|1:4\r\n");
}

TEST(SdpPrint, PrintsCryptoThatParsesAgain) {
  const std::array<PrintedCrypto, 1> crypto = {{{.tag = max_crypto_tag,
                                                 .suite = CryptoSuite::aes_cm_128_hmac_sha1_80,
                                                 .key = key30,
                                                 .lifetime_exponent = 48,
                                                 .mki = "255",
                                                 .mki_octets = max_mki_octets}}};
  const Read read(std::string(session_lines) +
                  lines_of(body_with(""), {.port = 5, .crypto = crypto}));
  ASSERT_EQ(read.error, SdpError{});
  const Attribute* attribute =
      attributes_of(read.description, read.media()).find(AttributeKind::crypto);
  ASSERT_NE(attribute, nullptr);
  const Result<Crypto, ValueError> parsed = parse_crypto(attribute->value, read.body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->tag, max_crypto_tag);
  EXPECT_EQ(parsed->keys[0].lifetime, max_key_lifetime);
  EXPECT_EQ(parsed->keys[0].mki_octets, max_mki_octets);
}

TEST(SdpPrint, RefusesCryptoThatIsNone) {
  const PrintedCrypto good{.suite = CryptoSuite::aes_cm_128_hmac_sha1_80, .key = key30};
  const auto print_one = [](const PrintedCrypto& crypto) {
    return lines_of(body_with(""), {.port = 5, .crypto = {&crypto, 1}});
  };
  EXPECT_NE(print_one(good), "failed");
  PrintedCrypto bad = good;
  bad.suite = CryptoSuite::other;
  EXPECT_EQ(print_one(bad), "failed");
  bad = good;
  bad.key = std::string_view(key30).substr(4);
  EXPECT_EQ(print_one(bad), "failed");
  bad = good;
  bad.tag = max_crypto_tag + 1;
  EXPECT_EQ(print_one(bad), "failed");
  bad = good;
  bad.lifetime_exponent = 49;
  EXPECT_EQ(print_one(bad), "failed");
  bad = good;
  bad.mki = "1";
  EXPECT_EQ(print_one(bad), "failed");
  bad.mki_octets = 1;
  bad.mki = "x";
  EXPECT_EQ(print_one(bad), "failed");
}

TEST(SdpPrint, PrintsFingerprintAndRoles) {
  Fingerprint fingerprint;
  fingerprint.function = HashFunction::sha1;
  fingerprint.octet_count = 20;
  fingerprint.octets[0] = 0x4a;
  fingerprint.octets[19] = 0x0b;
  std::string zeros;
  for (int i = 0; i < 18; ++i) zeros += ":00";
  EXPECT_EQ(lines_of(body_with("a=setup:active\r\n"), {.port = 5,
                                                       .fingerprint = &fingerprint,
                                                       .setup = Setup::actpass,
                                                       .connection = ConnectionUse::fresh}),
            "m=audio 5 RTP/AVP 0 101\r\na=fingerprint:sha-1 4A" + zeros +
                ":0B\r\na=setup:actpass\r\na=connection:new\r\n");
  fingerprint.octet_count = 19;
  EXPECT_EQ(lines_of(body_with(""), {.port = 5, .fingerprint = &fingerprint}), "failed");
  fingerprint.function = HashFunction::other;
  EXPECT_EQ(lines_of(body_with(""), {.port = 5, .fingerprint = &fingerprint}), "failed");
}

// A codec policy at work: one stripped, the order turned round, one of our own added.
TEST(SdpPrint, PrintsTheFormatsOfACodecPolicy) {
  const Read read(support::sdp_offer);
  const std::array<PrintedFormat, 3> formats = {
      {printed_format(read.media().formats[2], read.body),
       printed_format(read.media().formats[0], read.body),
       {.payload_type = 18, .name = {}, .codec = {"G729", 8000, 1}, .fmtp = "annexb=no"}}};
  EXPECT_EQ(lines_of(read.body, {.port = 5, .formats = formats}),
            "m=audio 5 RTP/AVP 101 8 18\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
            "a=rtpmap:8 PCMA/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n"
            "a=ptime:20\r\na=sendrecv\r\n");
}

TEST(SdpPrint, PutsOurWishesInPlaceOfThePeers) {
  EXPECT_EQ(
      lines_of(body_with("a=ptime:20\r\na=maxptime:40\r\na=sendrecv\r\n"),
               {.port = 5, .direction = Direction::inactive, .ptime_ms = 30, .maxptime_ms = 0}),
      "m=audio 5 RTP/AVP 0 101\r\na=ptime:30\r\na=inactive\r\n");
}

TEST(SdpPrint, PrintsAttributesOfOurOwn) {
  const std::array<PrintedAttribute, 2> attributes = {{{"ice-lite", ""}, {"label", "1"}}};
  EXPECT_EQ(lines_of(body_with(""), {.port = 5, .attributes = attributes}),
            "m=audio 5 RTP/AVP 0 101\r\na=ice-lite\r\na=label:1\r\n");
  for (const PrintedAttribute& bad : {PrintedAttribute{"", "x"}, {"a b", ""}, {"x", "1\r\na=y"}}) {
    EXPECT_EQ(lines_of(body_with(""), {.port = 5, .attributes = {&bad, 1}}), "failed");
  }
}

TEST(SdpPrint, PrintsT38FromItsModel) {
  const std::string body =
      std::string(session_lines) +
      "m=image 4000 udptl t38\r\na=t38faxversion:0\r\na=T38MaxBitRate:14400\r\n"
      "a=T38FaxFillBitRemoval:0\r\na=T38FaxTranscodingMMR:1\r\n"
      "a=T38FaxTranscodingJBIG\r\na=T38FaxRateManagement:transferredtcf\r\n"
      "a=T38FaxMaxBuffer:200\r\na=T38FaxMaxDatagram:72\r\na=T38FaxMaxIFP:40\r\n"
      "a=T38FaxUdpEC:t38UDPRedundancy\r\n";
  EXPECT_EQ(lines_of(body, {.port = 5}),
            "m=image 5 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\n"
            "a=T38FaxTranscodingMMR\r\na=T38FaxTranscodingJBIG\r\n"
            "a=T38FaxRateManagement:transferredTCF\r\na=T38FaxMaxBuffer:200\r\n"
            "a=T38FaxMaxDatagram:72\r\na=T38FaxMaxIFP:40\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n");
  T38 ours;
  ours.fill_bit_removal = true;
  EXPECT_EQ(lines_of(body, {.port = 5, .t38 = ours}),
            "m=image 5 udptl t38\r\na=T38FaxFillBitRemoval\r\n");
}

TEST(SdpPrint, MakesAnOfferFromNothing) {
  const std::array<PrintedFormat, 2> formats = {
      {{.payload_type = 8, .name = {}, .codec = {"PCMA", 8000, 1}, .fmtp = {}},
       {.payload_type = 101, .name = {}, .codec = {"telephone-event", 8000, 1}, .fmtp = "0-15"}}};
  const PrintedFormat fax{.payload_type = no_payload_type, .name = "t38", .codec = {}, .fmtp = {}};
  std::array<PrintedMedia, 2> media;
  media[0].port = 4000;
  media[0].formats = formats;
  media[0].direction = Direction::sendrecv;
  media[1].media = "image";
  media[1].protocol = "udptl";
  media[1].formats = {&fax, 1};
  const std::string printed = print_new(our_session(), media);
  EXPECT_EQ(printed,
            "v=0\r\no=- 7 8 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
            "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
            "m=image 0 udptl t38\r\n");
  EXPECT_EQ(error_of(printed), SdpError{});
}

TEST(SdpPrint, PrintsMediaToTheirLimit) {
  const PrintedFormat format{.payload_type = 0, .name = {}, .codec = {}, .fmtp = {}};
  std::array<PrintedMedia, max_media + 1> media;
  for (PrintedMedia& one : media) one.formats = {&format, 1};
  EXPECT_NE(print_new(our_session(), std::span(media).first(max_media - 1)), "failed");
  EXPECT_NE(print_new(our_session(), std::span(media).first(max_media)), "failed");
  EXPECT_EQ(print_new(our_session(), media), "failed");
}

TEST(SdpPrint, PrintsFormatsToTheirLimit) {
  std::array<PrintedFormat, max_formats + 1> formats;
  for (PrintedFormat& format : formats) format.payload_type = max_payload_type;
  PrintedMedia media;
  const auto print_some = [&](size_t count) {
    media.formats = std::span(formats).first(count);
    return print_new(our_session(), {&media, 1});
  };
  EXPECT_EQ(print_some(0), "failed");
  EXPECT_NE(print_some(max_formats - 1), "failed");
  EXPECT_NE(print_some(max_formats), "failed");
  EXPECT_EQ(print_some(max_formats + 1), "failed");
}

TEST(SdpPrint, RefusesMediaThatAreNone) {
  const PrintedFormat zero{.payload_type = 0, .name = {}, .codec = {}, .fmtp = {}};
  PrintedMedia good;
  good.port = 5;
  good.formats = {&zero, 1};
  EXPECT_NE(print_new(our_session(), {&good, 1}), "failed");
  std::array<PrintedMedia, 7> bad;
  bad.fill(good);
  bad[0].media = "au dio";
  bad[1].protocol = "RTP/";
  bad[2].address = "h\r\n";
  bad[3].address = "::1";
  bad[4].ptime_ms = max_ptime_ms + 1;
  bad[5].maxptime_ms = max_maxptime_ms + 1;
  bad[6].media = "";
  for (const PrintedMedia& media : bad) EXPECT_EQ(print_new(our_session(), {&media, 1}), "failed");
}

TEST(SdpPrint, RefusesFormatsThatAreNone) {
  for (const PrintedFormat& bad :
       {PrintedFormat{.payload_type = 128, .name = {}, .codec = {}, .fmtp = {}},
        PrintedFormat{.payload_type = no_payload_type, .name = {}, .codec = {}, .fmtp = {}},
        PrintedFormat{.payload_type = no_payload_type, .name = "t 38", .codec = {}, .fmtp = {}},
        PrintedFormat{.payload_type = 0, .name = {}, .codec = {"A B", 1, 1}, .fmtp = {}},
        PrintedFormat{.payload_type = 0, .name = {}, .codec = {"A", 0, 1}, .fmtp = {}},
        PrintedFormat{.payload_type = 0, .name = {}, .codec = {}, .fmtp = "x\r\na=y"}}) {
    PrintedMedia media;
    media.port = 5;
    media.formats = {&bad, 1};
    EXPECT_EQ(print_new(our_session(), {&media, 1}), "failed");
  }
}

TEST(SdpPrint, RefusesAnIncompleteSession) {
  std::array<Rewrite, 5> bad;
  bad.fill(our_rewrite());
  bad[0].session.address = "";
  bad[1].session.type = AddressType::none;
  bad[2].session.user_name = "";
  bad[3].session.user_name = "a\r\nb";
  bad[4].session.user_name = "a b";
  for (const Rewrite& rewrite : bad) {
    EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
    EXPECT_EQ(print_new(rewrite.session, {}), "failed");
  }
  Rewrite rewrite = our_rewrite();
  rewrite.media[0].protocol = "a b";
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
}

TEST(SdpPrint, RefusesWishesThatAreNone) {
  const PrintedFormat good{.payload_type = 0, .name = {}, .codec = {}, .fmtp = {}};
  const PrintedFormat bad_format{.payload_type = 128, .name = {}, .codec = {}, .fmtp = {}};
  std::array<PrintedFormat, max_formats + 1> many;
  many.fill(good);
  std::array<Rewrite::Media, 7> bad;
  bad.fill({.port = 5, .formats = {&good, 1}});
  EXPECT_NE(lines_of(body_with(""), bad[0]), "failed");
  bad[0].formats = {&bad_format, 1};
  bad[1].formats = many;
  bad[2].address = "h\r\n";
  bad[3].address = "::1";
  bad[4].ptime_ms = max_ptime_ms + 1;
  bad[5].maxptime_ms = max_maxptime_ms + 1;
  bad[6].protocol = "RTP/";
  for (const Rewrite::Media& media : bad) EXPECT_EQ(lines_of(body_with(""), media), "failed");
}

// What the peer said is printed without a second look.
TEST(SdpPrint, IsGivenNothingByParseThatItWouldRefuse) {
  for (const std::string_view bad :
       {"m=au(dio 5 RTP/AVP 0\r\n", "m= 5 RTP/AVP 0\r\n", "m=audio 5 RTP// 0\r\n",
        "m=audio 5 a(b 0\r\n", "m=audio 5 / 0\r\n", "m=audio 5 RTP/AVP\r\n",
        "m=audio 5 RTP/AVP 128\r\n", "m=image 5 udptl t(38\r\n", "a=rtpmap:0 A(B/8000\r\n",
        "a=rtpmap:0 /8000\r\n", "a=rtpmap:0 A/0\r\n", "a=ptime:201\r\n", "a=maxptime:1001\r\n"}) {
    EXPECT_NE(with_lines(bad), SdpError{}) << bad;
  }
}

TEST(SdpPrint, RefusesFewerLinesThanTheDescriptionHas) {
  const Read read(support::sdp_offer);
  ASSERT_NE(read.description.media_count, 0u);
  Rewrite rewrite(read.description.media_count - 1u);
  rewrite.session = our_rewrite().session;
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
}

TEST(SdpPrint, FailsWithoutRoom) {
  const Read read(support::sdp_offer);
  std::array<char, 100> buffer;
  sip::Writer writer(buffer);
  EXPECT_FALSE(print(read.description, read.body, our_rewrite(), writer));
}

}  // namespace
}  // namespace demarc::sdp
