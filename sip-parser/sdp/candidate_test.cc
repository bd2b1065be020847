#include "sip-parser/sdp/candidate.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

Result<Candidate, ValueError> read(std::string_view value) {
  return read_value(parse_candidate, value);
}

TEST(Candidate, ReadsAllOfItsParts) {
  const std::string_view value =
      "2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998 generation 0 "
      "ufrag x/y";
  const Result<Candidate, ValueError> candidate = read(value);
  ASSERT_TRUE(candidate);
  EXPECT_EQ(text(candidate->foundation, value), "2");
  EXPECT_EQ(candidate->component, 1);
  EXPECT_EQ(candidate->transport, CandidateTransport::udp);
  EXPECT_EQ(candidate->priority, 1694498815u);
  EXPECT_EQ(text(candidate->address, value), "192.0.2.3");
  EXPECT_EQ(candidate->port, 45664);
  EXPECT_EQ(candidate->type, CandidateType::srflx);
  EXPECT_EQ(text(candidate->related_address, value), "203.0.113.141");
  EXPECT_TRUE(candidate->has_related_port);
  EXPECT_EQ(candidate->related_port, 8998);
  Span rest = candidate->extensions;
  CandidateExtension extension;
  ASSERT_TRUE(take_extension(rest, value, extension));
  EXPECT_EQ(text(extension.name, value), "generation");
  EXPECT_EQ(text(extension.value, value), "0");
  ASSERT_TRUE(take_extension(rest, value, extension));
  EXPECT_EQ(text(extension.value, value), "x/y");
  EXPECT_FALSE(take_extension(rest, value, extension));
}

TEST(Candidate, ReadsTheLeastOfIt) {
  const Result<Candidate, ValueError> candidate = read("a+/9 256 tcp 1 2001:db8::1 9 typ host");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->transport, CandidateTransport::tcp);
  EXPECT_EQ(candidate->type, CandidateType::host);
  EXPECT_TRUE(candidate->related_address.empty() && candidate->extensions.empty());
  EXPECT_FALSE(candidate->has_related_port);
}

TEST(Candidate, KeepsTypesAndTransportsThatItDoesNotKnow) {
  const Result<Candidate, ValueError> candidate = read("1 1 SCTP 1 x.local 9 typ new tcptype so ");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->transport, CandidateTransport::other);
  EXPECT_EQ(candidate->type, CandidateType::other);
  EXPECT_EQ(read("1 1 UDP 1 h 9 typ prflx")->type, CandidateType::prflx);
  EXPECT_EQ(read("1 1 UDP 1 h 9 typ relay")->type, CandidateType::relay);
}

TEST(Candidate, ChecksItsNumbers) {
  const auto expect = [](std::string_view around, uint64_t minimum, uint64_t maximum) {
    for (const auto& [text, is_taken] : boundaries(minimum, maximum)) {
      std::string value(around);
      value.replace(value.find('?'), 1, text);
      EXPECT_EQ(read(value).has_value(), is_taken) << value;
    }
  };
  expect("1 ? UDP 1 h 1 typ host", 1, max_component);
  expect("1 1 UDP ? h 1 typ host", 1, max_candidate_priority);
  expect("1 1 UDP 1 h ? typ host", 0, 65535);
  expect("1 1 UDP 1 h 1 typ host raddr h rport ?", 0, 65535);
}

TEST(Candidate, MeasuresTheFoundationToItsLimit) {
  const auto sized = [](size_t size) {
    return read(std::string(size, 'f') + " 1 UDP 1 h 1 typ host").has_value();
  };
  EXPECT_FALSE(sized(0));
  EXPECT_TRUE(sized(max_foundation_octets - 1));
  EXPECT_TRUE(sized(max_foundation_octets));
  EXPECT_FALSE(sized(max_foundation_octets + 1));
}

TEST(Candidate, RefusesMistakes) {
  for (const char* bad : {"", "1", "1 1 UDP 1 h 1", "1 1 UDP 1 h 1 host", "1 1 UDP 1 h 1 typ",
                          "1 1 UDP 1 h 1 typ a/b", "f- 1 UDP 1 h 1 typ host",
                          "1 1 U/DP 1 h 1 typ host", "1 1 UDP 1 [::1] 1 typ host",
                          "1 1 UDP 1 h 1 typ host raddr", "1 1 UDP 1 h 1 typ host raddr a_b",
                          "1 1 UDP 1 h 1 typ host rport", "1 1 UDP 1 h 1 typ host x",
                          "1 1 UDP 1 h 1 typ host x y z", "1 1 UDP 1 h 1 typ host x\ty z"}) {
    EXPECT_FALSE(read(bad)) << bad;
  }
}

TEST(RemoteCandidates, AreTakenOneByOne) {
  const std::string_view value = "1 192.0.2.3 45664 2 2001:db8::1 45665";
  Span rest{0, static_cast<uint16_t>(value.size())};
  RemoteCandidate candidate;
  ASSERT_TRUE(take_remote_candidate(rest, value, candidate));
  EXPECT_EQ(candidate.component, 1);
  EXPECT_EQ(text(candidate.address, value), "192.0.2.3");
  EXPECT_EQ(candidate.port, 45664);
  ASSERT_TRUE(take_remote_candidate(rest, value, candidate));
  EXPECT_EQ(candidate.component, 2);
  EXPECT_FALSE(take_remote_candidate(rest, value, candidate));
  EXPECT_TRUE(rest.empty());
}

TEST(RemoteCandidates, RefusesMistakes) {
  for (const std::string_view bad : {"1", "1 h", "0 h 1", "1 h_ 1", "1 h 65536", "x h 1"}) {
    Span rest{0, static_cast<uint16_t>(bad.size())};
    RemoteCandidate candidate;
    EXPECT_FALSE(take_remote_candidate(rest, bad, candidate)) << bad;
    EXPECT_FALSE(rest.empty()) << bad;
  }
}

TEST(Ice, MeasuresItsPasswordPair) {
  const auto ufrag = [](size_t size) {
    return read_value(parse_ice_ufrag, std::string(size, '+')).has_value();
  };
  const auto pwd = [](size_t size) {
    return read_value(parse_ice_pwd, std::string(size, '/')).has_value();
  };
  EXPECT_FALSE(ufrag(min_ice_ufrag_octets - 1));
  EXPECT_TRUE(ufrag(min_ice_ufrag_octets));
  EXPECT_TRUE(ufrag(max_ice_octets));
  EXPECT_FALSE(ufrag(max_ice_octets + 1));
  EXPECT_FALSE(pwd(min_ice_pwd_octets - 1));
  EXPECT_TRUE(pwd(min_ice_pwd_octets));
  EXPECT_TRUE(pwd(max_ice_octets));
  EXPECT_FALSE(pwd(max_ice_octets + 1));
  EXPECT_EQ(read_value(parse_ice_ufrag, "abc=").error(), ValueError::bad_syntax);
  EXPECT_EQ(read_value(parse_ice_ufrag, "abc").error(), ValueError::out_of_range);
}

TEST(Ice, FindsOptions) {
  const std::string_view value = "ice2 trickle";
  const Span all{0, static_cast<uint16_t>(value.size())};
  EXPECT_TRUE(has_ice_option(all, value, "ice2"));
  EXPECT_TRUE(has_ice_option(all, value, "trickle"));
  EXPECT_FALSE(has_ice_option(all, value, "ice"));
}

}  // namespace
}  // namespace demarc::sdp
