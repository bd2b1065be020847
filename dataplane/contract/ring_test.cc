#include "dataplane/contract/ring.h"

#include <gtest/gtest.h>

#include <thread>

namespace demarc::contract {
namespace {

struct Element {
  uint64_t number;
  uint32_t check;
  uint32_t padding;
};

template <unsigned capacity>
struct Memory {
  alignas(64) std::byte octets[sizeof(RingHeader) + capacity * sizeof(Element)] = {};
};

Element make(uint64_t number) {
  return {number, static_cast<uint32_t>(number * 7), 0};
}

TEST(Ring, GivesBackInOrderUntilEmpty) {
  Memory<4> memory;
  Ring<Element> ring = Ring<Element>::create(memory.octets, 4);
  Element element{};
  EXPECT_FALSE(ring.pop(element));
  EXPECT_TRUE(ring.push(make(1)));
  EXPECT_TRUE(ring.push(make(2)));
  EXPECT_EQ(ring.size(), 2u);
  EXPECT_EQ(ring.room(), 2u);
  ASSERT_TRUE(ring.pop(element));
  EXPECT_EQ(element.number, 1u);
  ASSERT_TRUE(ring.pop(element));
  EXPECT_EQ(element.number, 2u);
  EXPECT_FALSE(ring.pop(element));
}

TEST(Ring, RefusesWhenFullAndLosesNothing) {
  Memory<4> memory;
  Ring<Element> ring = Ring<Element>::create(memory.octets, 4);
  for (uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(make(i)));
  EXPECT_EQ(ring.room(), 0u);
  EXPECT_FALSE(ring.push(make(99)));
  Element element{};
  for (uint64_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(ring.pop(element));
    EXPECT_EQ(element.number, i);
  }
  EXPECT_TRUE(ring.push(make(5)));
}

TEST(Ring, LooksAheadAcrossTheWrapBeforeItConsumes) {
  Memory<4> memory;
  Ring<Element> ring = Ring<Element>::create(memory.octets, 4);
  for (uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(ring.push(make(i)));
  ring.consume(3);
  for (uint64_t i = 10; i < 14; ++i) EXPECT_TRUE(ring.push(make(i)));
  ASSERT_EQ(ring.size(), 4u);
  for (uint64_t n = 0; n < 4; ++n) EXPECT_EQ(ring.front(n).number, 10 + n);
  ring.consume(2);
  EXPECT_EQ(ring.size(), 2u);
  EXPECT_EQ(ring.front(0).number, 12u);
}

TEST(Ring, AbsoluteIndexesStayRightWhenAnotherReaderWasThere) {
  Memory<4> memory;
  Ring<Element> ring = Ring<Element>::create(memory.octets, 4);
  for (uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(make(i)));
  const uint64_t head = ring.head();
  EXPECT_EQ(ring.tail() - head, 4u);
  for (uint64_t i = head; i < ring.tail(); ++i) EXPECT_EQ(ring.at(i).number, i);
  Ring<Element> other = Ring<Element>::attach(memory.octets, sizeof memory.octets);
  other.consume_to(head + 2);
  EXPECT_TRUE(ring.push(make(4)));
  ring.consume_to(head + 2);
  EXPECT_EQ(ring.head(), head + 2) << "what the other one gave up is not given up twice";
  EXPECT_EQ(ring.size(), 3u);
  ring.consume_to(head + 1);
  EXPECT_EQ(ring.head(), head + 2) << "never backwards";
  ring.consume_to(ring.tail());
  EXPECT_EQ(ring.size(), 0u);
}

TEST(Ring, AForeignIndexMakesItNeitherHugeNorNegative) {
  Memory<4> memory;
  Ring<Element> ring = Ring<Element>::create(memory.octets, 4);
  auto* header = reinterpret_cast<RingHeader*>(memory.octets);
  header->tail.store(uint64_t{1} << 60, std::memory_order_relaxed);
  EXPECT_EQ(ring.size(), 4u);
  EXPECT_EQ(ring.room(), 0u);
  EXPECT_FALSE(ring.push(make(1)));
  header->tail.store(2, std::memory_order_relaxed);
  header->head.store(3, std::memory_order_relaxed);
  EXPECT_EQ(ring.size(), 0u);
  EXPECT_EQ(ring.room(), 4u);
  Element element{};
  EXPECT_FALSE(ring.pop(element));
}

TEST(Ring, AttachSeesWhatTheMakerWrote) {
  Memory<4> memory;
  Ring<Element> producer = Ring<Element>::create(memory.octets, 4);
  Ring<Element> consumer = Ring<Element>::attach(memory.octets, sizeof memory.octets);
  ASSERT_TRUE(consumer.is_valid());
  EXPECT_EQ(consumer.capacity(), 4u);
  EXPECT_TRUE(producer.push(make(3)));
  Element element{};
  EXPECT_TRUE(consumer.pop(element));
  EXPECT_EQ(producer.room(), 4u);
}

TEST(Ring, AttachRefusesAnotherShape) {
  Memory<4> memory;
  Ring<Element>::create(memory.octets, 4);
  auto* header = reinterpret_cast<RingHeader*>(memory.octets);
  EXPECT_FALSE(Ring<uint64_t>::attach(memory.octets, sizeof memory.octets).is_valid());
  EXPECT_FALSE(Ring<Element>::attach(memory.octets, 64).is_valid());
  EXPECT_FALSE(Ring<Element>::attach(memory.octets, sizeof memory.octets - 1).is_valid());
  for (const uint64_t capacity : {uint64_t{0}, uint64_t{3}, uint64_t{8}, uint64_t{1} << 63}) {
    header->capacity = capacity;
    EXPECT_FALSE(Ring<Element>::attach(memory.octets, sizeof memory.octets).is_valid()) << capacity;
  }
  EXPECT_FALSE(Ring<Element>().is_valid());
}

TEST(RingDeathTest, CapacityMustBeAPowerOfTwo) {
  Memory<4> memory;
  EXPECT_DEATH(Ring<Element>::create(memory.octets, 3), "check failed");
}

TEST(Ring, TwoThreadsLoseAndRepeatNothing) {
  Memory<8> memory;
  Ring<Element> producer = Ring<Element>::create(memory.octets, 8);
  constexpr uint64_t count = 20000;
  std::thread thread([&] {
    for (uint64_t i = 0; i < count;) {
      if (producer.push(make(i))) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  Ring<Element> consumer = Ring<Element>::attach(memory.octets, sizeof memory.octets);
  uint64_t wrong = 0;
  for (uint64_t expected = 0; expected < count;) {
    Element element{};
    if (!consumer.pop(element)) {
      std::this_thread::yield();
      continue;
    }
    if (element.number != expected || element.check != make(expected).check) ++wrong;
    ++expected;
  }
  thread.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(consumer.size(), 0u);
}

}  // namespace
}  // namespace demarc::contract
