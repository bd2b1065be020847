#include "sip-parser/sdp/print.h"

#include "sip-parser/sdp/base64.h"
#include "sip-parser/sdp/octet_set.h"

namespace demarc::sdp {
namespace {

using sip::Writer;

bool is_attribute(const PrintedAttribute& attribute) {
  return is_token(attribute.name);
}

bool is_format(const PrintedFormat& format) {
  if (format.payload_type == no_payload_type) return is_token(format.name);
  const Codec& codec = format.codec;
  return format.payload_type <= max_payload_type &&
         (codec.encoding.empty() || (is_token(codec.encoding) && codec.clock_rate_hz != 0));
}

bool is_crypto(const PrintedCrypto& crypto) {
  const uint8_t octets = key_octets(crypto.suite);
  return crypto.tag <= max_crypto_tag && octets != 0 && base64_octets(crypto.key) == octets &&
         crypto.lifetime_exponent <= 48 && digits.covers(crypto.mki) &&
         crypto.mki.size() <= max_mki_octets &&
         (crypto.mki.empty() || (crypto.mki_octets != 0 && crypto.mki_octets <= max_mki_octets));
}

bool is_fingerprint(const Fingerprint* fingerprint) {
  return fingerprint == nullptr || (fingerprint->octet_count != 0 &&
                                    fingerprint->octet_count == hash_octets(fingerprint->function));
}

template <class Element>
bool are(std::span<const Element> elements, bool (*is)(const Element&)) {
  for (const Element& element : elements) {
    if (!is(element)) return false;
  }
  return true;
}

bool is_printable(const PrintedMedia& media) {
  return is_token(media.media) && is_protocol(media.protocol) && !media.formats.empty() &&
         media.formats.size() <= max_formats && are(media.formats, is_format) &&
         (media.address.empty() || is_address(media.address, media.type)) &&
         are(media.crypto, is_crypto) && is_fingerprint(media.fingerprint) &&
         are(media.attributes, is_attribute) && media.ptime_ms <= max_ptime_ms &&
         media.maxptime_ms <= max_maxptime_ms;
}

bool is_printable(const PrintedSession& session) {
  return !session.user_name.empty() && visible.covers(session.user_name) &&
         is_address(session.address, session.type) && are(session.attributes, is_attribute);
}

// "a=name:number", nothing for 0.
void print_number(std::string_view name, uint64_t number, Writer& writer) {
  if (number != 0) writer.raw("a=").raw(name).raw(":").number(number).raw("\r\n");
}

// "a=name:text", nothing for an empty one.
void print_text(std::string_view name, std::string_view text, Writer& writer) {
  if (!text.empty()) writer.raw("a=").raw(name).raw(":").value(text).raw("\r\n");
}

void print_bandwidths(const Bandwidths& bandwidths, Writer& writer) {
  if (bandwidths.empty()) return;
  for (unsigned i = 0; i < static_cast<unsigned>(BandwidthType::count); ++i) {
    const auto type = static_cast<BandwidthType>(i);
    if (!bandwidths.has(type)) continue;
    writer.raw("b=").raw(spelling(type)).raw(":").number(bandwidths.value(type)).raw("\r\n");
  }
}

void print_attributes(std::span<const PrintedAttribute> attributes, Writer& writer) {
  for (const PrintedAttribute& attribute : attributes) {
    writer.raw("a=").value(attribute.name);
    if (!attribute.value.empty()) writer.raw(":").value(attribute.value);
    writer.raw("\r\n");
  }
}

void print_session(const PrintedSession& session, Writer& writer) {
  const std::string_view network = network_of(session.type);
  writer.raw("v=0\r\no=").value(session.user_name).raw(" ").number(session.session_id);
  writer.raw(" ").number(session.session_version).raw(" ").raw(network).value(session.address);
  writer.raw("\r\ns=-\r\nc=").raw(network).value(session.address).raw("\r\n");
  print_bandwidths(session.bandwidths, writer);
  writer.raw("t=0 0\r\n");
  print_attributes(session.attributes, writer);
}

void print_format_name(const PrintedFormat& format, Writer& writer) {
  if (format.payload_type == no_payload_type) {
    writer.value(format.name);
  } else {
    writer.number(format.payload_type);
  }
}

void print_media_line(const PrintedMedia& media, Writer& writer) {
  writer.raw("m=").value(media.media).raw(" ").number(media.port);
  writer.raw(" ").value(media.protocol);
  for (const PrintedFormat& format : media.formats) {
    writer.raw(" ");
    print_format_name(format, writer);
  }
  writer.raw("\r\n");
}

void print_format(const PrintedFormat& format, Writer& writer) {
  const Codec& codec = format.codec;
  if (format.payload_type != no_payload_type && !codec.encoding.empty()) {
    writer.raw("a=rtpmap:").number(format.payload_type).raw(" ").value(codec.encoding);
    writer.raw("/").number(codec.clock_rate_hz);
    if (codec.channels > 1) writer.raw("/").number(codec.channels);
    writer.raw("\r\n");
  }
  if (format.fmtp.empty()) return;
  writer.raw("a=fmtp:");
  print_format_name(format, writer);
  writer.raw(" ").value(format.fmtp).raw("\r\n");
}

void print_t38(const T38& t38, Writer& writer) {
  if (t38.has_version) writer.raw("a=T38FaxVersion:").number(t38.version).raw("\r\n");
  print_number("T38MaxBitRate", t38.max_bit_rate, writer);
  if (t38.fill_bit_removal) writer.raw("a=T38FaxFillBitRemoval\r\n");
  if (t38.transcoding_mmr) writer.raw("a=T38FaxTranscodingMMR\r\n");
  if (t38.transcoding_jbig) writer.raw("a=T38FaxTranscodingJBIG\r\n");
  print_text("T38FaxRateManagement", spelling(t38.rate_management), writer);
  print_number("T38FaxMaxBuffer", t38.max_buffer_octets, writer);
  print_number("T38FaxMaxDatagram", t38.max_datagram_octets, writer);
  print_number("T38FaxMaxIFP", t38.max_ifp_octets, writer);
  print_text("T38FaxUdpEC", spelling(t38.error_correction), writer);
}

void print_crypto(const PrintedCrypto& crypto, Writer& writer) {
  writer.raw("a=crypto:").number(crypto.tag).raw(" ").raw(spelling(crypto.suite));
  writer.raw(" inline:").value(crypto.key);
  if (crypto.lifetime_exponent != 0) writer.raw("|2^").number(crypto.lifetime_exponent);
  if (!crypto.mki.empty()) writer.raw("|").value(crypto.mki).raw(":").number(crypto.mki_octets);
  writer.raw("\r\n");
}

void print_fingerprint(const Fingerprint& fingerprint, Writer& writer) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  writer.raw("a=fingerprint:").raw(spelling(fingerprint.function));
  for (unsigned i = 0; i < fingerprint.octet_count; ++i) {
    const uint8_t octet = fingerprint.octets[i];
    const char pair[3] = {i == 0 ? ' ' : ':', hex[octet >> 4], hex[octet & 15]};
    writer.raw({pair, sizeof pair});
  }
  writer.raw("\r\n");
}

void print_media(const PrintedMedia& media, std::string_view session_address, Writer& writer) {
  print_media_line(media, writer);
  if (media.port == 0) return;
  if (!media.address.empty() && media.address != session_address) {
    writer.raw("c=").raw(network_of(media.type)).value(media.address).raw("\r\n");
  }
  print_bandwidths(media.bandwidths, writer);
  for (const PrintedFormat& format : media.formats) print_format(format, writer);
  print_number("ptime", media.ptime_ms, writer);
  print_number("maxptime", media.maxptime_ms, writer);
  if (media.silence_suppression != SilenceSuppression::none) {
    const bool is_on = media.silence_suppression == SilenceSuppression::on;
    writer.raw("a=silenceSupp:").raw(is_on ? "on" : "off").raw(" - - - -\r\n");
  }
  print_t38(media.t38, writer);
  if (media.direction) writer.raw("a=").raw(spelling(*media.direction)).raw("\r\n");
  for (const PrintedCrypto& crypto : media.crypto) print_crypto(crypto, writer);
  if (media.fingerprint != nullptr) print_fingerprint(*media.fingerprint, writer);
  print_text("setup", spelling(media.setup), writer);
  print_text("connection", spelling(media.connection), writer);
  if (media.rtcp_port != media.port + 1) print_number("rtcp", media.rtcp_port, writer);
  if (media.rtcp_mux) writer.raw("a=rtcp-mux\r\n");
  print_attributes(media.attributes, writer);
}

// For as many formats as a line may have, of which most have few: they are not cleared.
union FormatRoom {
  PrintedFormats formats;
  FormatRoom() {}  // NOLINT(modernize-use-equals-default)
};

// What was parsed is printable: parse() refuses what is not. So what `own` has is looked at, and of
// addresses those that are not the session's.
bool is_printable(const Rewrite::Media& own, const PrintedSession& session) {
  const bool has_own_address =
      !own.address.empty() && (own.address != session.address || own.type != session.type);
  return (own.protocol.empty() || is_protocol(own.protocol)) && own.formats.size() <= max_formats &&
         are(own.formats, is_format) && (!has_own_address || is_address(own.address, own.type)) &&
         are(own.crypto, is_crypto) && is_fingerprint(own.fingerprint) &&
         are(own.attributes, is_attribute) && own.ptime_ms.value_or(0) <= max_ptime_ms &&
         own.maxptime_ms.value_or(0) <= max_maxptime_ms;
}

// What `own` says goes over what was received.
void apply(const Rewrite::Media& own, PrintedMedia& media) {
  media.port = own.port;
  media.rtcp_port = own.rtcp_port;
  media.rtcp_mux = own.adds_rtcp_mux || (media.rtcp_mux && own.rtcp_mux);
  media.address = own.address;
  media.type = own.type;
  if (!own.protocol.empty()) media.protocol = own.protocol;
  if (!own.formats.empty()) media.formats = own.formats;
  if (own.direction) media.direction = own.direction;
  if (own.ptime_ms) media.ptime_ms = *own.ptime_ms;
  if (own.maxptime_ms) media.maxptime_ms = *own.maxptime_ms;
  if (own.t38) media.t38 = *own.t38;
  media.crypto = own.crypto;
  media.fingerprint = own.fingerprint;
  media.setup = own.setup;
  media.connection = own.connection;
  media.attributes = own.attributes;
}

}  // namespace

bool print(const PrintedSession& session, std::span<const PrintedMedia> media, Writer& writer) {
  if (!is_printable(session) || media.size() > max_media) return false;
  print_session(session, writer);
  for (const PrintedMedia& one : media) {
    if (!is_printable(one)) return false;
    print_media(one, session.address, writer);
  }
  return !writer.failed();
}

PrintedFormat printed_format(const Format& format, std::string_view body) {
  PrintedFormat printed;
  printed.payload_type = format.payload_type;
  printed.name = text(format.text, body);
  if (!format.encoding.empty()) printed.codec = codec_of(format, body);
  printed.fmtp = text(format.fmtp, body);
  return printed;
}

PrintedMedia printed_media(const Description& description, const Media& media,
                           std::string_view body, PrintedFormats& formats) {
  for (unsigned i = 0; i < media.format_count; ++i) {
    formats[i] = printed_format(media.formats[i], body);
  }
  PrintedMedia printed;
  printed.media = text(media.media, body);
  printed.protocol = text(media.protocol_text, body);
  printed.formats = std::span(formats).first(media.format_count);
  printed.bandwidths = media.bandwidths;
  printed.ptime_ms = media.ptime_ms;
  printed.maxptime_ms = media.maxptime_ms;
  printed.rtcp_mux = media.has_rtcp_mux;
  if (media.has_direction || description.has_direction) {
    printed.direction = description.direction_of(media);
  }
  if (media.attribute_count == 0) return printed;
  printed.t38 = t38_of(description, media, body);
  const Attribute* silence = attributes_of(description, media).find(AttributeKind::silence_supp);
  if (silence != nullptr) {
    const auto suppression = parse_silence_suppression(silence->value, body);
    if (suppression) printed.silence_suppression = *suppression;
  }
  return printed;
}

bool print(const Description& description, std::string_view body, const Rewrite& rewrite,
           Writer& writer) {
  PrintedSession session = rewrite.session;
  session.bandwidths = description.bandwidths;
  if (!is_printable(session) || rewrite.media.size() < description.media_count) return false;
  print_session(session, writer);
  for (unsigned i = 0; i < description.media_count; ++i) {
    if (!is_printable(rewrite.media[i], session)) return false;
    FormatRoom room;
    PrintedMedia media = printed_media(description, description.media[i], body, room.formats);
    apply(rewrite.media[i], media);
    print_media(media, session.address, writer);
  }
  return !writer.failed();
}

}  // namespace demarc::sdp
