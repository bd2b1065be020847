#include "dataplane/wire/adjacency.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "dataplane/wire/frame_samples_for_test.h"

namespace demarc::wire {
namespace {

constexpr Segment segment{contract::NicPortId{1}, 7};

contract::IpAddress numbered(unsigned n) {
  return contract::IpAddress::v4(10, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8),
                                 static_cast<uint8_t>(n));
}

class AdjacencyTest : public testing::Test {
 protected:
  std::unique_ptr<AdjacencyTable> table_ = std::make_unique<AdjacencyTable>();
};

TEST_F(AdjacencyTest, KnowsNothingAtFirst) {
  EXPECT_EQ(table_->find(segment, numbered(1)), AdjacencyIndex::none);
  EXPECT_EQ(table_->row_count(), 0u);
}

TEST_F(AdjacencyTest, ClaimsOneRowForOneNeighbour) {
  const AdjacencyIndex index = table_->find_or_claim(segment, numbered(1));
  ASSERT_NE(index, AdjacencyIndex::none);
  EXPECT_EQ(table_->find_or_claim(segment, numbered(1)), index);
  EXPECT_EQ(table_->find(segment, numbered(1)), index);
  EXPECT_EQ(table_->segment(index), segment);
  EXPECT_EQ(table_->next_hop(index), numbered(1));
  EXPECT_TRUE(table_->is_published(index));
  Adjacency row;
  ASSERT_TRUE(table_->read(index, row));
  EXPECT_FALSE(row.is_usable());
}

TEST_F(AdjacencyTest, KeepsSegmentsApart) {
  const AdjacencyIndex index = table_->find_or_claim(segment, numbered(1));
  EXPECT_EQ(table_->find({contract::NicPortId{1}, 8}, numbered(1)), AdjacencyIndex::none);
  EXPECT_NE(table_->find_or_claim({contract::NicPortId{2}, 7}, numbered(1)), index);
}

TEST_F(AdjacencyTest, TellsReadersOfAChange) {
  const AdjacencyIndex index = table_->find_or_claim(segment, numbered(1));
  const uint32_t before = table_->change_count();
  table_->write(index, {samples::peer_mac, samples::our_mac, AdjacencyState::stale});
  EXPECT_NE(table_->change_count(), before);
  Adjacency row;
  ASSERT_TRUE(table_->read(index, row));
  EXPECT_TRUE(row.is_usable());
  EXPECT_EQ(row.destination, samples::peer_mac);
  EXPECT_EQ(row.source, samples::our_mac);
}

TEST_F(AdjacencyTest, ANeighbourWithAGroupAddressIsNeverUsable) {
  Adjacency row{samples::peer_mac, samples::our_mac, AdjacencyState::usable};
  EXPECT_TRUE(row.is_usable());
  row.destination.octets[0] |= 1;
  EXPECT_FALSE(row.is_usable());
  row.state = AdjacencyState::stale;
  EXPECT_FALSE(row.is_usable());
}

TEST_F(AdjacencyTest, RemembersUseOnce) {
  const AdjacencyIndex index = table_->find_or_claim(segment, numbered(1));
  EXPECT_FALSE(table_->take_used(index));
  table_->mark_used(index);
  EXPECT_TRUE(table_->take_used(index));
  EXPECT_FALSE(table_->take_used(index));
}

TEST_F(AdjacencyTest, RefusesWhenFullAndKeepsWhatItHas) {
  for (unsigned i = 0; i < AdjacencyTable::max_rows; ++i) {
    ASSERT_NE(table_->find_or_claim(segment, numbered(i)), AdjacencyIndex::none) << i;
  }
  EXPECT_EQ(table_->find_or_claim(segment, numbered(AdjacencyTable::max_rows)),
            AdjacencyIndex::none);
  EXPECT_EQ(table_->find_or_claim(segment, numbered(5)), AdjacencyIndex{5});
}

TEST_F(AdjacencyTest, MediaLeavesRowsToSignalling) {
  constexpr unsigned open = AdjacencyTable::max_rows - AdjacencyTable::reserved_rows;
  for (unsigned i = 0; i < open; ++i) {
    ASSERT_NE(table_->find_or_claim(segment, numbered(i), AdjacencyUse::media),
              AdjacencyIndex::none);
  }
  EXPECT_EQ(table_->find_or_claim(segment, numbered(open), AdjacencyUse::media),
            AdjacencyIndex::none);
  EXPECT_EQ(table_->row_count(), open);
  EXPECT_NE(table_->find_or_claim(segment, numbered(open)), AdjacencyIndex::none);
  EXPECT_NE(table_->find_or_claim(segment, numbered(open), AdjacencyUse::media),
            AdjacencyIndex::none)
      << "a row that is there serves media too";
}

TEST_F(AdjacencyTest, GivesRacingWorkersTheSameRows) {
  constexpr unsigned threads = 4, neighbours = 500;
  std::vector<std::vector<AdjacencyIndex>> found(threads);
  std::vector<std::thread> workers;
  for (unsigned t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (unsigned i = 0; i < neighbours; ++i) {
        found[t].push_back(table_->find_or_claim(segment, numbered(i)));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (unsigned t = 1; t < threads; ++t) EXPECT_EQ(found[t], found[0]);
  for (unsigned i = 0; i < neighbours; ++i) {
    EXPECT_EQ(table_->next_hop(found[0][i]), numbered(i));
  }
}

}  // namespace
}  // namespace demarc::wire
