// Seeds that a fuzzer must be able to get past the first mistake with.
#include "tests/fuzz/seeds.h"

#include <gtest/gtest.h>

#include "controlplane/config/load.h"

namespace demarc::fuzz {
namespace {

// The octet in front says that it is TOML.
TEST(Seeds, OfConfigurationsAreAcceptedUpToTheOneWithRoutes) {
  const std::vector<std::string> seeds = seeds_of("config");
  ASSERT_GT(seeds.size(), 3u);
  const config::Loaded loaded = config::load_text(seeds[3].substr(1));
  EXPECT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "seed"));
  EXPECT_EQ(loaded.config.routes.size(), 2u);
}

}  // namespace
}  // namespace demarc::fuzz
