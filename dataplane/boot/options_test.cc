#include "dataplane/boot/options.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

bool parse(std::vector<const char*> words, Options& options) {
  words.insert(words.begin(), "demarc-dataplane");
  return parse_options(static_cast<int>(words.size()), const_cast<char**>(words.data()), options);
}

TEST(Options, TakesBothPaths) {
  Options options;
  ASSERT_TRUE(parse({"--socket", "/run/x", "--state-dir", "/var/y"}, options));
  EXPECT_EQ(std::string_view(options.socket_path), "/run/x");
  EXPECT_EQ(std::string_view(options.state_directory), "/var/y");
  EXPECT_FALSE(options.is_probe);
}

TEST(Options, ProbeNeedsNoPaths) {
  Options options;
  ASSERT_TRUE(parse({"--probe"}, options));
  EXPECT_TRUE(options.is_probe);
}

TEST(Options, BothPathsAreNeeded) {
  Options options;
  EXPECT_FALSE(parse({"--socket", "/run/x"}, options));
  Options other;
  EXPECT_FALSE(parse({"--state-dir", "/var/y"}, other));
}

TEST(Options, MistakesAreRefused) {
  Options options;
  EXPECT_FALSE(parse({"--socket"}, options));
  EXPECT_FALSE(parse({"--sockets", "/run/x"}, options));
  EXPECT_FALSE(parse({"stray"}, options));
}

}  // namespace
}  // namespace demarc::boot
