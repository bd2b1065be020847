// The program itself, started as a child, with a test as its control plane over the real socket.
// argv[1] is the program.

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "dataplane/boot/test_sections.h"
#include "dataplane/contract/region.h"
#include "tests/support/temporary_directory.h"

namespace demarc::boot {
namespace {

using contract::DataplaneState;
using contract::FileDescriptor;
using contract::HandshakeMessage;
using contract::IpAddress;
using contract::Mapping;
using contract::MessageKind;
using contract::Received;
using contract::SectionKind;

const char* program = nullptr;

constexpr IpAddress address = IpAddress::v4(203, 0, 113, 1);
// Far longer than anything here takes: only a program that hangs meets it.
constexpr int patience_ms = 20'000;

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void TearDown() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    // What else it said, for whoever reads a failure.
    char text[4096];
    for (ssize_t length; (length = ::read(log_.get(), text, sizeof text)) > 0;) {
      (void)!::write(STDERR_FILENO, text, static_cast<size_t>(length));
    }
  }

  void start() {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    log_ = FileDescriptor(ends[0]);
    const FileDescriptor log_of_child(ends[1]);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ != 0) return;
    ::dup2(log_of_child.get(), STDERR_FILENO);
    ::execl(program, program, "--socket", socket().c_str(), "--state-dir",
            directory_.path("state").c_str(), nullptr);
    ::_exit(127);
  }
  std::string socket() const { return directory_.path("run/socket"); }

  // Reads what the program says until it listens.
  void wait_until_it_listens() {
    std::string said;
    while (said.find("waiting for the control plane") == std::string::npos) {
      pollfd entry{log_.get(), POLLIN, 0};
      char text[256];
      const bool is_readable = ::poll(&entry, 1, patience_ms) == 1;
      const ssize_t length = is_readable ? ::read(log_.get(), text, sizeof text) : 0;
      ASSERT_GT(length, 0) << "the program does not listen: " << said;
      said.append(text, static_cast<size_t>(length));
    }
    is_listening_ = true;
  }
  FileDescriptor connect() {
    if (!is_listening_) wait_until_it_listens();
    FileDescriptor channel = contract::connect_to(socket().c_str());
    EXPECT_TRUE(channel.is_open());
    return channel;
  }
  // The next message, which must be of that kind.
  static Received expect(const FileDescriptor& channel, MessageKind kind) {
    pollfd entry{channel.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&entry, 1, patience_ms), 1) << "no message of kind " << unsigned(kind);
    Received received = contract::receive_message(channel, false);
    EXPECT_EQ(received.kind, Received::Kind::message);
    EXPECT_EQ(received.message.kind, kind);
    return received;
  }
  static bool say(const FileDescriptor& channel, MessageKind kind) {
    HandshakeMessage message;
    message.kind = kind;
    return contract::send_message(channel, message);
  }
  // Says Hello; returns the Welcome.
  static HandshakeMessage greet(const FileDescriptor& channel) {
    EXPECT_TRUE(say(channel, MessageKind::hello));
    return expect(channel, MessageKind::welcome).message;
  }
  // Returns the SectionResult.
  static HandshakeMessage send_section(const FileDescriptor& channel, SectionKind kind,
                                       uint64_t generation, const test::Blob& blob) {
    HandshakeMessage message;
    message.kind = MessageKind::section;
    message.section = kind;
    message.generation = generation;
    message.octets = blob.size();
    const FileDescriptor fd = test::sealed(blob);
    EXPECT_TRUE(contract::send_message(channel, message, fd.get()));
    return expect(channel, MessageKind::section_result).message;
  }
  static HandshakeMessage publish(const FileDescriptor& channel, uint64_t generation) {
    HandshakeMessage message;
    message.kind = MessageKind::publish;
    message.generation = generation;
    EXPECT_TRUE(contract::send_message(channel, message));
    return expect(channel, MessageKind::published).message;
  }
  // Brings the platform up; returns the region's mapping.
  static Mapping start_platform(const FileDescriptor& channel) {
    const HandshakeMessage result =
        send_section(channel, SectionKind::platform, 1, test::platform({}));
    EXPECT_FALSE(result.is_refused) << result.reason.view();
    return take_offers(channel);
  }
  static Mapping take_offers(const FileDescriptor& channel) {
    const Received region = expect(channel, MessageKind::region_offer);
    (void)expect(channel, MessageKind::spool_offer);
    return Mapping(region.fd, region.message.octets, true);
  }
  static void publish_first(const FileDescriptor& channel) {
    EXPECT_FALSE(
        send_section(channel, SectionKind::realms, 1, test::realms(1, address)).is_refused);
    EXPECT_FALSE(send_section(channel, SectionKind::trunks, 1, test::trunks(1, 1)).is_refused);
    EXPECT_FALSE(send_section(channel, SectionKind::routes, 1, test::routes(1, 1)).is_refused);
    const HandshakeMessage published = publish(channel, 1);
    EXPECT_FALSE(published.is_refused) << published.reason.view();
  }
  // The exit code; -1 when a signal ended it.
  int wait_for_end() {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  support::TemporaryDirectory directory_;
  FileDescriptor log_;
  bool is_listening_ = false;
  pid_t child_ = -1;
};

TEST_F(ProgramTest, StartsPublishesAndEnds) {
  const FileDescriptor channel = connect();
  EXPECT_EQ(greet(channel).state, DataplaneState::starting);
  const Mapping mapping = start_platform(channel);
  ASSERT_TRUE(mapping.is_mapped());
  const contract::Region region = contract::Region::attach(mapping.octets());
  ASSERT_TRUE(region.is_valid());
  EXPECT_EQ(region.header().state.load(std::memory_order_relaxed), DataplaneState::running);
  publish_first(channel);
  EXPECT_EQ(region.worker(0).generation.load(std::memory_order_relaxed), 1u);
  EXPECT_EQ(region.worker(0).counters.get(contract::WorkerCounter::allocated_octets), 0u);
  ::kill(child_, SIGTERM);
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_EQ(region.header().state.load(std::memory_order_relaxed), DataplaneState::stopped);
}

TEST_F(ProgramTest, ASecondControlPlaneIsRefusedUntilTheFirstIsGone) {
  FileDescriptor first = connect();
  EXPECT_FALSE(greet(first).is_refused);
  const FileDescriptor second = connect();
  const HandshakeMessage refusal = greet(second);
  EXPECT_TRUE(refusal.is_refused);
  EXPECT_NE(refusal.reason.view().find("attached"), std::string_view::npos);
  first.reset();
  HandshakeMessage welcome;
  do {  // the program sees the end of the first in its next turn
    welcome = greet(connect());
  } while (welcome.is_refused);
  EXPECT_EQ(welcome.state, DataplaneState::starting);
}

TEST_F(ProgramTest, AnotherControlPlaneFindsTheRegionOfTheFirst) {
  FileDescriptor first = connect();
  const uint64_t boot_id = greet(first).boot_id;
  (void)start_platform(first);
  publish_first(first);
  first.reset();
  FileDescriptor second;
  HandshakeMessage welcome;
  do {
    second = connect();
    welcome = greet(second);
  } while (welcome.is_refused);
  EXPECT_EQ(welcome.state, DataplaneState::running);
  EXPECT_EQ(welcome.boot_id, boot_id);
  const Mapping mapping = take_offers(second);
  const contract::Region region = contract::Region::attach(mapping.octets());
  ASSERT_TRUE(region.is_valid());
  EXPECT_EQ(region.worker(0).generation.load(std::memory_order_relaxed), 1u);
}

TEST_F(ProgramTest, RecordsGoToTheSpoolWhileNobodyIsThereAndAreOfferedThen) {
  FileDescriptor first = connect();
  (void)greet(first);
  const Mapping mapping = start_platform(first);
  contract::Region region = contract::Region::attach(mapping.octets());
  ASSERT_TRUE(region.is_valid());
  // As a worker would; the worker itself has no calls.
  contract::CallRecord record;
  record.sequence = 1;
  ASSERT_TRUE(region.records(0).push(record));
  EXPECT_EQ(region.records(0).size(), 1u);
  first.reset();
  while (region.records(0).size() != 0) std::this_thread::yield();

  FileDescriptor second;
  HandshakeMessage welcome;
  do {
    second = connect();
    welcome = greet(second);
  } while (welcome.is_refused);
  (void)expect(second, MessageKind::region_offer);
  const Received spool = expect(second, MessageKind::spool_offer);
  ASSERT_EQ(spool.message.octets, sizeof(contract::SpoolHeader) + sizeof(contract::CallRecord));
  ASSERT_TRUE(spool.fd.is_open());
  contract::CallRecord read;
  EXPECT_EQ(::pread(spool.fd.get(), &read, sizeof read, sizeof(contract::SpoolHeader)),
            static_cast<ssize_t>(sizeof read));
  EXPECT_EQ(read.sequence, 1u);
  EXPECT_TRUE(say(second, MessageKind::records_taken));
  // The answer to the next message shows that this one has been worked off.
  (void)publish(second, 1);
  EXPECT_EQ(std::filesystem::file_size(directory_.path("state/records.spool")),
            sizeof(contract::SpoolHeader));
}

// It may be between making records durable and giving them up, so nobody else reads the rings.
TEST_F(ProgramTest, OneThatBreaksTheProtocolStaysTheReaderUntilItCloses) {
  FileDescriptor first = connect();
  (void)greet(first);
  const Mapping mapping = start_platform(first);
  contract::Region region = contract::Region::attach(mapping.octets());
  ASSERT_TRUE(region.is_valid());
  EXPECT_TRUE(say(first, MessageKind::hello));  // a second time
  pollfd entry{first.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&entry, 1, patience_ms), 1);
  EXPECT_EQ(contract::receive_message(first, false).kind, Received::Kind::closed);
  contract::CallRecord record;
  record.sequence = 1;
  ASSERT_TRUE(region.records(0).push(record));
  EXPECT_TRUE(greet(connect()).is_refused);
  EXPECT_EQ(region.records(0).size(), 1u);
  first.reset();
  while (region.records(0).size() != 0) std::this_thread::yield();
  HandshakeMessage welcome;
  do {
    welcome = greet(connect());
  } while (welcome.is_refused);
  EXPECT_EQ(welcome.state, DataplaneState::running);
}

TEST_F(ProgramTest, ABadSectionIsRefusedAndChangesNothing) {
  const FileDescriptor channel = connect();
  (void)greet(channel);
  const Mapping mapping = start_platform(channel);
  publish_first(channel);
  const HandshakeMessage refused =
      send_section(channel, SectionKind::trunks, 2, test::trunks(2, 1000));
  EXPECT_TRUE(refused.is_refused);
  EXPECT_NE(refused.reason.view(), "");
  EXPECT_TRUE(publish(channel, 2).is_refused);
  const contract::Region region = contract::Region::attach(mapping.octets());
  EXPECT_EQ(region.worker(0).generation.load(std::memory_order_relaxed), 1u);
}

TEST_F(ProgramTest, APortThatCanNotBeOpenedEndsItWithAReason) {
  const FileDescriptor channel = connect();
  (void)greet(channel);
  const HandshakeMessage result = send_section(
      channel, SectionKind::platform, 1, test::platform({.device = "af_packet:no-such-port"}));
  EXPECT_TRUE(result.is_refused);
  EXPECT_NE(result.reason.view().find("no-such-port"), std::string_view::npos);
  EXPECT_EQ(wait_for_end(), 2);
}

TEST_F(ProgramTest, ALayoutOfAnotherReleaseSaysWhichSideToUpgrade) {
  const FileDescriptor channel = connect();
  HandshakeMessage hello;
  hello.layout = contract::layout_version + 2;
  hello.oldest_layout = contract::layout_version + 1;
  ASSERT_TRUE(contract::send_message(channel, hello));
  const HandshakeMessage welcome = expect(channel, MessageKind::welcome).message;
  EXPECT_TRUE(welcome.is_refused);
  EXPECT_NE(welcome.reason.view().find("upgrade the dataplane"), std::string_view::npos);
}

TEST_F(ProgramTest, ATermBeforeThePlatformEndsItAtOnce) {
  (void)greet(connect());
  ::kill(child_, SIGTERM);
  EXPECT_EQ(wait_for_end(), 0);
}

}  // namespace
}  // namespace demarc::boot

int main(int argument_count, char** arguments) {
  testing::InitGoogleTest(&argument_count, arguments);
  if (argument_count != 2) return 2;
  demarc::boot::program = arguments[1];
  return RUN_ALL_TESTS();
}
