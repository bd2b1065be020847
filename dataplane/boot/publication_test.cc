#include "dataplane/boot/publication.h"

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

using contract::Duration;
using contract::Instant;

constexpr Instant start{1'000'000'000'000};

class PublicationTest : public testing::Test {
 protected:
  PublicationTest() {
    EXPECT_TRUE(quiescence_.start(1));
    quiescence_.join(0);
  }
  bool step(bool has_adopted) {
    return publication_.step(has_adopted, quiescence_, loader_, start);
  }

  contract::SnapshotCell cell_;
  Loader loader_{cell_};
  lcore::Quiescence quiescence_;
  Publication publication_;
};

TEST_F(PublicationTest, NothingIsInProgressAtFirst) {
  EXPECT_FALSE(publication_.is_in_progress());
  EXPECT_EQ(publication_.generation(), 0u);
  EXPECT_FALSE(step(true));
}

TEST_F(PublicationTest, EndsWhenAllHaveAdoptedAndFinishedOneMoreTurn) {
  publication_.begin(7, start);
  EXPECT_EQ(publication_.generation(), 7u);
  quiescence_.report(0);
  EXPECT_FALSE(step(false)) << "a worker runs with the snapshot before";
  EXPECT_FALSE(step(true)) << "it may still be in the turn in which it adopted";
  quiescence_.report(0);
  EXPECT_TRUE(publication_.is_in_progress());
  EXPECT_TRUE(step(true));
  EXPECT_FALSE(publication_.is_in_progress());
  EXPECT_FALSE(step(true));
}

TEST_F(PublicationTest, AStuckWorkerKeepsItInProgress) {
  publication_.begin(7, start);
  EXPECT_FALSE(publication_.step(false, quiescence_, loader_, start + Duration::seconds(60)));
  EXPECT_TRUE(publication_.is_in_progress());
}

using PublicationDeathTest = PublicationTest;
TEST_F(PublicationDeathTest, OneAtATime) {
  publication_.begin(7, start);
  EXPECT_DEATH(publication_.begin(8, start), "check failed");
}

}  // namespace
}  // namespace demarc::boot
