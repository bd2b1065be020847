#include "dataplane/call/attempt_store.h"

#include <gtest/gtest.h>

namespace demarc::call {
namespace {

class AttemptStoreTest : public ::testing::Test {
 protected:
  bool add(Attempts& attempts) {
    contract::Attempt attempt;
    attempt.after_ms = ++last_ms_;
    return store_.add(attempts, attempt);
  }
  contract::CallRecord record_of(const Attempts& attempts) const {
    contract::CallRecord record;
    store_.fill(attempts, record);
    return record;
  }

  alignas(64) std::array<std::byte, 4096> storage_;
  memory::Arena arena_{storage_};
  AttemptStore store_{arena_, 1};
  uint32_t last_ms_ = 0;
};

TEST_F(AttemptStoreTest, OneOrTwoAreInTheCall) {
  Attempts attempts;
  EXPECT_EQ(record_of(attempts).attempt_count, 0);
  for (uint32_t count = 1; count <= 2; ++count) {
    ASSERT_TRUE(add(attempts));
    EXPECT_EQ(AttemptStore::last(attempts).after_ms, count);
    const contract::CallRecord record = record_of(attempts);
    EXPECT_EQ(record.attempt_count, count);
    for (uint32_t i = 0; i < count; ++i) EXPECT_EQ(record.attempts[i].after_ms, i + 1);
  }
  EXPECT_EQ(store_.live(), 0u);
}

TEST_F(AttemptStoreTest, TheFirstOnesAndTheLastAreKept) {
  Attempts attempts;
  for (unsigned i = 0; i < 300; ++i) ASSERT_TRUE(add(attempts));
  const contract::CallRecord record = record_of(attempts);
  EXPECT_EQ(record.attempt_count, 255);
  for (unsigned i = 0; i + 1 < contract::max_attempts; ++i) {
    EXPECT_EQ(record.attempts[i].after_ms, i + 1);
  }
  EXPECT_EQ(record.attempts[contract::max_attempts - 1].after_ms, 300u);
}

TEST_F(AttemptStoreTest, WithoutRoomTheFirstAndTheLastAreKept) {
  Attempts other;
  for (unsigned i = 0; i < 3; ++i) ASSERT_TRUE(add(other));
  Attempts attempts;
  for (unsigned i = 0; i < 2; ++i) ASSERT_TRUE(add(attempts));
  EXPECT_FALSE(add(attempts));
  const contract::CallRecord record = record_of(attempts);
  ASSERT_EQ(record.attempt_count, 2);
  EXPECT_EQ(record.attempts[0].after_ms, 4u);
  EXPECT_EQ(record.attempts[1].after_ms, 6u);
  EXPECT_EQ(record_of(other).attempts[1].after_ms, 2u) << "those of the other are its own";
  store_.release(other);
  EXPECT_EQ(store_.live(), 0u);
  EXPECT_TRUE(add(attempts));
}

}  // namespace
}  // namespace demarc::call
