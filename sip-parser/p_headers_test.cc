#include "sip-parser/p_headers.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(ChargingVector, ReadsAllThatItKnows) {
  const std::string_view value =
      "ICID-value=\"1234@x;y\" ; icid-generated-at=[2001:db8::1];orig-ioi=home1.net;"
      "term-ioi=\"Type 1a\";transit-ioi=\"t.1\";related-icid=5;related-icid-generated-at=a.b;x=y";
  const Result<ChargingVector, ValueError> vector =
      support::parse_guarded(parse_charging_vector, value);
  ASSERT_TRUE(vector);
  EXPECT_EQ(text(vector->icid, value), "1234@x;y");
  EXPECT_EQ(text(vector->icid_generated_at, value), "[2001:db8::1]");
  EXPECT_EQ(text(vector->orig_ioi, value), "home1.net");
  EXPECT_EQ(text(vector->term_ioi, value), "Type 1a");
  EXPECT_EQ(text(vector->transit_ioi, value), "t.1");
  EXPECT_EQ(text(vector->related_icid, value), "5");
  EXPECT_EQ(text(vector->related_icid_generated_at, value), "a.b");
}

TEST(ChargingVector, RefusesMistakes) {
  support::expect_refused(
      parse_charging_vector,
      {"", "icid-value", "icid-value=", "orig-ioi=a", ";icid-value=1", "icid-value=\"1",
       "icid-value=1;icid-value=2", "icid-value=1;orig-ioi=a;orig-ioi=b", "icid-value=1;orig-ioi",
       "icid-value=1, icid-value=2", "icid-value=1 2", "icid-value=1;", "=1", "icid-value=<a>"});
}

TEST(ChargingFunctionAddresses, CountsAndGivesTheFirstOfEach) {
  const std::string_view value = "CCF=192.0.2.1;ccf=\"[2001:db8::2]\" ; ecf=h; x;y=z";
  const Result<ChargingFunctionAddresses, ValueError> addresses =
      support::parse_guarded(parse_charging_function_addresses, value);
  ASSERT_TRUE(addresses);
  EXPECT_EQ(text(addresses->ccf, value), "192.0.2.1");
  EXPECT_EQ(addresses->ccf_count, 2);
  EXPECT_EQ(text(addresses->ecf, value), "h");
  EXPECT_EQ(addresses->ecf_count, 1);
  support::expect_refused(parse_charging_function_addresses,
                          {"", "ccf", "ccf=", "ccf=a;ecf", "ccf=a,ccf=b", "ccf=a;", "ccf=\"a"});
}

TEST(ChargingFunctionAddresses, CountsParametersToTheirLimit) {
  std::string value = "ccf=a";
  for (unsigned i = 0; i < max_params - 1; ++i) value += ";ccf=b";
  EXPECT_EQ(support::parse_guarded(parse_charging_function_addresses, value + ";ccf=c")->ccf_count,
            max_params + 1);
  support::expect_refused(parse_charging_function_addresses, {value + ";x;x"},
                          ValueError::too_many);
}

TEST(AccessNetworkInfo, ReadsTypeParametersAndNp) {
  const std::string_view value = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=\"2341\";np";
  const Result<AccessNetworkInfo, ValueError> info =
      support::parse_guarded(parse_access_network_info, value);
  ASSERT_TRUE(info);
  EXPECT_EQ(text(info->access_type, value), "3GPP-E-UTRAN-FDD");
  EXPECT_TRUE(info->is_network_provided);
  EXPECT_EQ(text(find_param(info->params, "utran-cell-id-3gpp", value).value, value), "2341");
  EXPECT_FALSE(support::parse_guarded(parse_access_network_info, "DOCSIS")->is_network_provided);
  support::expect_refused(parse_access_network_info,
                          {"", ";np", "a b", "a;np=1", "a;np;np", "a,b"});
}

TEST(VisitedNetwork, IsATokenOrQuoted) {
  const std::string_view value = "\"Visited network, 1\" ;x=y";
  const Result<VisitedNetwork, ValueError> network =
      support::parse_guarded(parse_visited_network, value);
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->has_quotes);
  EXPECT_EQ(text(network->name, value), "Visited network, 1");
  EXPECT_FALSE(support::parse_guarded(parse_visited_network, "other.net")->has_quotes);
  EXPECT_TRUE(support::parse_guarded(parse_visited_network, "\"\"")->name.empty());
  support::expect_refused(parse_visited_network, {"", ";x", "a b", "\"a", "a,b", "a;", "\"a\"b"});
}

}  // namespace
}  // namespace demarc::sip
