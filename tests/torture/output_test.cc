// What goes out: nothing that came in can make a line of its own, and what is kept is kept.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "sip-parser/edit.h"
#include "sip-parser/parse.h"
#include "sip-parser/write.h"
#include "tests/support/guarded_buffer.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Edit;
using sip::HeaderName;
using sip::Message;
using sip::Writer;

unsigned count_lines(std::string_view text) {
  unsigned lines = 0;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

std::array<char, 70000> room;

// Every message that is read comes out of an Edit without steps as it came in.
TEST(Output, KeepsEveryMessageThatIsRead) {
  Message message;
  for (const std::span<const Case>* group : groups) {
    for (const Case& one : *group) {
      const support::GuardedBuffer buffer(expand(one.text), sip::padding_octets, 'x');
      if (!sip::parse(buffer.view(), message)) continue;
      Writer writer(room);
      ASSERT_TRUE(Edit(message, buffer.view()).apply(writer)) << one.name;
      const std::string_view written = writer.written();
      // Content-Length is the one thing that may be added.
      if (!message.has(HeaderName::content_length)) continue;
      const uint32_t begin = message.start_line.offset;
      EXPECT_EQ(written, buffer.view().substr(begin, message.body.end() - begin)) << one.name;
    }
  }
}

// Each value of each message written again, unfolded: one line each.
TEST(Output, WritesEveryValueAsOneLine) {
  Message message;
  for (const std::span<const Case>* group : groups) {
    for (const Case& one : *group) {
      const support::GuardedBuffer buffer(expand(one.text), sip::padding_octets, 'x');
      static_cast<void>(sip::parse(buffer.view(), message).has_value());
      for (unsigned i = 0; i < message.field_count; ++i) {
        Writer writer(room);
        writer.begin(HeaderName::subject);
        writer.unfolded(text(message.fields[i].value, buffer.view())).end();
        EXPECT_FALSE(writer.failed()) << one.name;
        EXPECT_EQ(count_lines(writer.written()), 1u) << one.name;
      }
    }
  }
}

TEST(Output, KeepsEscapedLineEndsEscaped) {
  constexpr std::string_view user = "desk%0d%0aRoute:%20%3Csip:x%3E%00";
  Writer writer(room);
  writer.request_line("INVITE", std::string("sip:").append(user).append("@example.net"));
  writer.begin(HeaderName::to).raw("<sip:").value(user).raw("@example.net>").end();
  EXPECT_EQ(writer.written(),
            "INVITE sip:desk%0d%0aRoute:%20%3Csip:x%3E%00@example.net SIP/2.0\r\n"
            "To: <sip:desk%0d%0aRoute:%20%3Csip:x%3E%00@example.net>\r\n");
}

// All that could end a line or a text for another reader.
const std::vector<std::string> line_ends = {"\r\n", "\r", "\n", std::string(1, '\0'),
                                            "\r\n Route: x"};

TEST(Output, RefusesALineEndInEveryPlaceOfAWriter) {
  for (const std::string& end : line_ends) {
    const std::string evil = "a" + end + "b";
    const auto expect_refused = [](const char* place, auto write) {
      Writer writer(room);
      write(writer);
      EXPECT_TRUE(writer.failed()) << place;
      EXPECT_EQ(writer.written(), "") << place;
    };
    expect_refused("method", [&](Writer& w) { w.request_line(evil, "sip:a"); });
    expect_refused("Request-URI", [&](Writer& w) { w.request_line("BYE", evil); });
    expect_refused("reason", [&](Writer& w) { w.status_line(200, evil); });
    expect_refused("value", [&](Writer& w) { w.field(HeaderName::subject, evil); });
    expect_refused("name", [&](Writer& w) { w.field(evil, "x"); });
    expect_refused("value of a name", [&](Writer& w) { w.field("Own", evil); });
    expect_refused("part", [&](Writer& w) { w.begin(HeaderName::to).value(evil).end(); });
  }
}

TEST(Output, RefusesALineEndInEveryPlaceOfAnEdit) {
  const std::string text =
      "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nSubject: s\r\nl: 0\r\n\r\n";
  const support::GuardedBuffer buffer(text, sip::padding_octets, 'x');
  Message message;
  ASSERT_TRUE(sip::parse(buffer.view(), message).has_value());
  for (const std::string& end : line_ends) {
    const std::string evil = "a" + end + "b";
    const auto expect_refused = [&](const char* place, auto change) {
      Edit edit(message, buffer.view());
      change(edit);
      Writer writer(room);
      EXPECT_FALSE(edit.apply(writer)) << place;
    };
    expect_refused("start line", [&](Edit& e) { e.replace_start_line(evil); });
    expect_refused("replace", [&](Edit& e) { e.replace(HeaderName::subject, evil); });
    expect_refused("insert",
                   [&](Edit& e) { e.insert_before(HeaderName::via, HeaderName::route, evil); });
    expect_refused("append", [&](Edit& e) { e.append(HeaderName::route, evil); });
    expect_refused("append a name", [&](Edit& e) { e.append(evil, "x"); });
    expect_refused("append to a name", [&](Edit& e) { e.append("Own", evil); });
  }
}

// A body is not a value: all octets, and its length follows it.
TEST(Output, FramesABodyByItsLength) {
  const std::string text = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nl: 0\r\n\r\n";
  const std::string body("\r\n\r\nINVITE sip:b SIP/2.0\r\n\0\n\r", 29);
  const support::GuardedBuffer buffer(text, sip::padding_octets, 'x');
  Message message;
  ASSERT_TRUE(sip::parse(buffer.view(), message).has_value());
  Edit edit(message, buffer.view());
  edit.replace_body(body);
  Writer writer(room);
  ASSERT_TRUE(edit.apply(writer));
  const support::GuardedBuffer again(writer.written(), sip::padding_octets, 'x');
  ASSERT_TRUE(sip::parse(again.view(), message).has_value());
  EXPECT_EQ(demarc::text(message.body, again.view()), body);
  EXPECT_EQ(message.field_count, 2);
}

}  // namespace
}  // namespace demarc::torture
