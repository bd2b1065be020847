// What nearly every test includes, compiled once for all programs of tests. A test includes what it
// uses all the same: this only saves the time of reading it again.
#include <gtest/gtest.h>  // IWYU pragma: export

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
