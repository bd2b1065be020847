// from_domain and peer_domain of a trunk: what they may be, and how they stand in URIs.
#include <gtest/gtest.h>

#include "controlplane/config/load.h"

namespace demarc::config {
namespace {

// The fields of the trunk begin in line 6.
Loaded loaded(const std::string& fields) {
  return load_text(R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]
)" + fields + R"(realm = "outside"
peer = "198.51.100.20:5070"
[[route]]
from = "acme"
to = "acme"
)");
}

Trunk trunk_of(const std::string& fields) {
  const Loaded result = loaded(fields);
  EXPECT_TRUE(result.is_good) << testing::PrintToString(texts_of(result, "f"));
  return result.config.trunks.at(0);
}

TEST(Domains, AreNoneUnlessTheyAreGiven) {
  const Trunk trunk = trunk_of("");
  EXPECT_EQ(trunk.policy.from_domain, "");
  EXPECT_EQ(trunk.peer_domain, "");
  EXPECT_EQ(trunk.peer_host, "198.51.100.20");
}

TEST(Domains, AreNamesOrAddresses) {
  const Trunk named = trunk_of("from_domain = \"3com.x-1.EXAMPLE\"\npeer_domain = \"ims\"\n");
  EXPECT_EQ(named.policy.from_domain, "3com.x-1.EXAMPLE");
  EXPECT_EQ(named.peer_domain, "ims");
  EXPECT_EQ(named.peer_host, "198.51.100.20");
  const Trunk addresses =
      trunk_of("from_domain = \"192.0.2.1\"\npeer_domain = \"2001:db8::0:1\"\n");
  EXPECT_EQ(addresses.policy.from_domain, "192.0.2.1");
  EXPECT_EQ(addresses.peer_domain, "[2001:db8::1]");
  EXPECT_EQ(trunk_of("from_domain = \"[2001:db8::1]\"\n").policy.from_domain, "[2001:db8::1]");
}

TEST(Domains, OfContactIsInLowerCase) {
  EXPECT_EQ(trunk_of("").peer_contact, "");
  EXPECT_EQ(trunk_of("peer_contact = \"A.Example\"\n").peer_contact, "a.example");
  EXPECT_EQ(trunk_of("peer_contact = \"2001:DB8::1\"\n").peer_contact, "[2001:db8::1]");
}

TEST(Domains, AreRefusedWithAPortOrAnythingElse) {
  for (const std::string host :
       {"a.example:5060", "192.0.2.1:5060", "[2001:db8::1]:5060", "[]", "192.0.2", "sip:a.example",
        "u@a.example", "-a.example", "a..example", "a.example.", "a b", "a_b.c", "a.example;lr"}) {
    for (const std::string field : {"from_domain", "peer_domain", "peer_contact"}) {
      std::string expected = field == "peer_contact" ? "f:7:16: " : "f:7:15: ";
      expected.append(field).append(": \"").append(host);
      expected.append("\" is neither a host name nor an address");
      EXPECT_EQ(texts_of(loaded(field + " = \"" + host + "\"\n"), "f"),
                std::vector<std::string>{expected});
    }
  }
  EXPECT_FALSE(loaded("from_domain = \"" + std::string(254, 'a') + "\"\n").is_good);
}

}  // namespace
}  // namespace demarc::config
