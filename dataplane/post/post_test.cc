#include "dataplane/post/post.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::post {
namespace {

TEST(Post, ALetterArrivesAtWhomItIsForWithItsHead) {
  Post post(3);
  Letter letter;
  letter.kind = Letter::Kind::leg;
  letter.from = 0;
  letter.leg = {7, 3};
  ASSERT_TRUE(post.letters({0, 2}).push(letter, "image"));
  EXPECT_EQ(post.letters({0, 1}).front().head, nullptr);
  EXPECT_EQ(post.letters({2, 0}).front().head, nullptr);
  const LetterRing::Message got = post.letters({0, 2}).front();
  ASSERT_NE(got.head, nullptr);
  EXPECT_EQ(got.octets, "image");
  EXPECT_EQ(got.head->kind, Letter::Kind::leg);
  EXPECT_EQ(got.head->leg, (Reference{7, 3}));
  post.letters({0, 2}).pop();
  EXPECT_EQ(post.letters({0, 2}).front().head, nullptr);
}

TEST(Post, AFullRingOfLettersRefusesAndKeepsWhatItHas) {
  Post post(2);
  const std::string large(60000, 'x');
  unsigned taken = 0;
  while (taken < 16 && post.letters({0, 1}).push({}, large)) ++taken;
  EXPECT_GE(taken, 3u);
  EXPECT_LT(taken, 16u);
  for (unsigned i = 0; i < taken; ++i) {
    EXPECT_EQ(post.letters({0, 1}).front().octets, large);
    post.letters({0, 1}).pop();
  }
  EXPECT_TRUE(post.letters({0, 1}).push({}, large));
}

TEST(Post, ThereIsRoomForAllNotesOfAllLegsThatMayBeAway) {
  Post post(2);
  for (uint32_t i = 0; i < max_away; ++i) {
    for (const Note::Kind kind : {Note::Kind::joined, Note::Kind::forgotten, Note::Kind::gone}) {
      ASSERT_TRUE(post.notes({0, 1}).push({kind, 0, 0, {i, 0}}));
    }
  }
  Note note;
  ASSERT_TRUE(post.notes({0, 1}).pop(note));
  EXPECT_EQ(note.kind, Note::Kind::joined);
  EXPECT_FALSE(post.notes({1, 0}).pop(note));
}

TEST(Post, OneWorkerHasNobodyToWriteTo) {
  EXPECT_EQ(Post(1).workers(), 1u);
}

}  // namespace
}  // namespace demarc::post
