#include "dataplane/call/headers/location.h"

#include <gtest/gtest.h>

namespace demarc::call::headers {
namespace {

// Parts with these Content-IDs, separated by blanks.
struct Named {
  explicit Named(std::string_view ids) : datagram(ids) {
    for (size_t at = 0; at < ids.size();) {
      const size_t end = std::min(ids.find(' ', at), ids.size());
      locations.parts[locations.count++].content_id = {static_cast<uint16_t>(at),
                                                       static_cast<uint16_t>(end - at)};
      at = end + 1;
    }
  }
  bool has(std::string_view cid) const { return locations.has(cid, datagram); }

  std::string_view datagram;
  Locations locations;
};

TEST(Locations, AreFoundByContentId) {
  const Named named("<a@b> <place@pbx>");
  EXPECT_TRUE(named.has("a@b"));
  EXPECT_TRUE(named.has("place@pbx"));
  for (const std::string_view cid : {"", "a", "a@", "a@b2", "place@pb", "A@B", "<a@b>"}) {
    EXPECT_FALSE(named.has(cid)) << cid;
  }
  EXPECT_FALSE(Named("").has(""));
}

TEST(Locations, AreFoundByAnEscapedName) {
  const Named named("<a%b@c>");
  EXPECT_TRUE(named.has("a%25b@c"));
  EXPECT_TRUE(named.has("%61%25%62%40c"));
  for (const std::string_view cid : {"a%b@c", "a%25b@c%", "a%25b@c%2", "a%2gb@c", "a%25b@%"}) {
    EXPECT_FALSE(named.has(cid)) << cid;
  }
}

TEST(Locations, OfAPartWithoutAGoodContentIdThereIsNoName) {
  EXPECT_FALSE(Named("a@b").has("a@b"));
  EXPECT_FALSE(Named("<>").has(""));
}

}  // namespace
}  // namespace demarc::call::headers
