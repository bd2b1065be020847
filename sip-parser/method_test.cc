#include "sip-parser/method.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::sip {
namespace {

constexpr Method all_methods[] = {
    Method::invite,    Method::ack,   Method::bye,       Method::cancel, Method::options,
    Method::register_, Method::prack, Method::subscribe, Method::notify, Method::publish,
    Method::info,      Method::refer, Method::message,   Method::update,
};

TEST(Method, FindsEverySpelling) {
  for (const Method method : all_methods) {
    ASSERT_FALSE(spelling(method).empty());
    EXPECT_EQ(method_of(spelling(method)), method) << spelling(method);
  }
  EXPECT_EQ(spelling(Method::register_), "REGISTER");
  EXPECT_EQ(spelling(Method::other), "");
}

TEST(Method, IsCaseSensitive) {
  for (const Method method : all_methods) {
    std::string text(spelling(method));
    text.back() = static_cast<char>(text.back() - 'A' + 'a');
    EXPECT_EQ(method_of(text), Method::other) << text;
  }
}

TEST(Method, LeavesWhatItDoesNotKnow) {
  for (const char* unknown : {"", "I", "INVIT", "INVITEE", "ACKS", "RE%47IST%45R", "NEWMETHOD",
                              "XXX", "XXXX", "XXXXX", "XXXXXX", "XXXXXXX", "XXXXXXXX"}) {
    EXPECT_EQ(method_of(unknown), Method::other) << unknown;
  }
}

}  // namespace
}  // namespace demarc::sip
