#include "dataplane/contract/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

namespace demarc::contract {
namespace {

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    directory = std::filesystem::temp_directory_path() / "demarc-channel-XXXXXX";
    EXPECT_NE(::mkdtemp(directory.data()), nullptr);
    path = directory + "/socket";
    listener = listen_at(path.c_str());
    EXPECT_TRUE(listener.is_open());
    ours = connect_to(path.c_str());
    theirs = accept_on(listener);
    EXPECT_TRUE(ours.is_open());
    EXPECT_TRUE(theirs.is_open());
  }
  ~ChannelTest() override { std::filesystem::remove_all(directory); }

  std::string directory;
  std::string path;
  FileDescriptor listener;
  FileDescriptor ours;
  FileDescriptor theirs;
};

TEST_F(ChannelTest, CarriesMessagesWhole) {
  HandshakeMessage message;
  message.kind = MessageKind::publish;
  message.generation = 77;
  message.reason.assign("because");
  ASSERT_TRUE(send_message(ours, message));
  const Received received = receive_message(theirs, true);
  ASSERT_EQ(received.kind, Received::Kind::message);
  EXPECT_EQ(received.message.kind, MessageKind::publish);
  EXPECT_EQ(received.message.generation, 77u);
  EXPECT_EQ(received.message.reason.view(), "because");
  EXPECT_FALSE(received.fd.is_open());
  EXPECT_EQ(receive_message(theirs, false).kind, Received::Kind::nothing);
}

TEST_F(ChannelTest, PassesADescriptorThatIsSharedMemoryThen) {
  const FileDescriptor memory = make_memfd("test", size_t{4096});
  ASSERT_TRUE(memory.is_open());
  const Mapping mapping(memory, 4096, true);
  ASSERT_TRUE(mapping.is_mapped());
  std::memcpy(mapping.octets().data(), "hello", 5);
  ASSERT_TRUE(send_message(ours, HandshakeMessage{}, memory.get()));
  const Received received = receive_message(theirs, true);
  ASSERT_TRUE(received.fd.is_open());
  EXPECT_NE(::fcntl(received.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  const Mapping other(received.fd, 4096, true);
  ASSERT_TRUE(other.is_mapped());
  EXPECT_EQ(std::memcmp(other.octets().data(), "hello", 5), 0);
  other.octets()[0] = std::byte{'j'};
  EXPECT_EQ(mapping.octets()[0], std::byte{'j'});
}

// A pipe tells when the last descriptor of its writing end is closed.
TEST_F(ChannelTest, MoreDescriptorsThanOneAreAllClosed) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  HandshakeMessage message;
  iovec part{&message, sizeof message};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr envelope{};
  envelope.msg_iov = &part;
  envelope.msg_iovlen = 1;
  envelope.msg_control = control;
  envelope.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&envelope);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const int both[] = {writer.get(), writer.get()};
  std::memcpy(CMSG_DATA(header), both, sizeof both);
  ASSERT_GT(::sendmsg(ours.get(), &envelope, 0), 0);
  writer.reset();
  const Received received = receive_message(theirs, true);
  EXPECT_EQ(received.kind, Received::Kind::message);
  EXPECT_FALSE(received.fd.is_open());
  pollfd entry{reader.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&entry, 1, 0), 1) << "a writing end is open still";
  EXPECT_NE(entry.revents & POLLHUP, 0);
}

TEST_F(ChannelTest, APeerThatDoesNotReadDoesNotBlockTheSender) {
  unsigned sent = 0;
  while (sent < 100'000 && send_message(ours, HandshakeMessage{}, -1, false)) ++sent;
  EXPECT_GT(sent, 0u);
  EXPECT_LT(sent, 100'000u) << "the socket takes a bounded number";
}

TEST_F(ChannelTest, TellsWhenThePeerIsGone) {
  theirs.reset();
  EXPECT_EQ(receive_message(ours, true).kind, Received::Kind::closed);
  EXPECT_FALSE(send_message(ours, HandshakeMessage{}));
}

TEST_F(ChannelTest, WhatIsNoMessageCountsAsClosed) {
  ASSERT_EQ(::send(ours.get(), "x", 1, 0), 1);
  EXPECT_EQ(receive_message(theirs, true).kind, Received::Kind::closed);
  HandshakeMessage wrong;
  wrong.magic ^= 1;
  ASSERT_EQ(::send(ours.get(), &wrong, sizeof wrong, 0), static_cast<ssize_t>(sizeof wrong));
  EXPECT_EQ(receive_message(theirs, true).kind, Received::Kind::closed);
}

TEST_F(ChannelTest, TheSocketIsForOwnerAndGroupAndReplacesAnOldOne) {
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0660u);
  const FileDescriptor again = listen_at(path.c_str());
  EXPECT_TRUE(again.is_open());
  EXPECT_TRUE(connect_to(path.c_str()).is_open());
}

TEST(Channel, RefusesPathsThatCanNotBe) {
  const std::string long_path = "/tmp/" + std::string(200, 'x');
  EXPECT_FALSE(listen_at(long_path.c_str()).is_open());
  EXPECT_EQ(errno, ENAMETOOLONG);
  EXPECT_FALSE(connect_to(long_path.c_str()).is_open());
  EXPECT_FALSE(connect_to("/nonexistent/socket").is_open());
  EXPECT_FALSE(listen_at("/nonexistent/socket").is_open());
}

TEST(Memfd, ASealedOneNeverChanges) {
  const std::byte content[3] = {std::byte{1}, std::byte{2}, std::byte{3}};
  const FileDescriptor fd = make_memfd("test", std::span<const std::byte>(content));
  ASSERT_TRUE(fd.is_open());
  EXPECT_EQ(::pwrite(fd.get(), "x", 1, 0), -1);
  EXPECT_NE(::ftruncate(fd.get(), 1), 0);
  EXPECT_FALSE(Mapping(fd, 3, true).is_mapped());
  const Mapping mapping(fd, 3, false);
  ASSERT_TRUE(mapping.is_mapped());
  EXPECT_EQ(mapping.octets()[2], std::byte{3});
}

TEST(Memfd, ARegionsSizeIsFixed) {
  const FileDescriptor fd = make_memfd("test", size_t{4096});
  EXPECT_NE(::ftruncate(fd.get(), 1), 0);
  EXPECT_NE(::ftruncate(fd.get(), 8192), 0);
}

TEST(Mapping, IsEmptyWhenTheFileIsShorterThanSaid) {
  const FileDescriptor fd = make_memfd("test", size_t{4096});
  EXPECT_FALSE(Mapping(fd, 4097, true).is_mapped());
  EXPECT_FALSE(Mapping(fd, 0, true).is_mapped());
  EXPECT_FALSE(Mapping(FileDescriptor(), 1, true).is_mapped());
}

TEST(Mapping, MovesItsMemory) {
  const FileDescriptor fd = make_memfd("test", size_t{4096});
  Mapping first(fd, 4096, true);
  first.octets()[0] = std::byte{9};
  Mapping second(std::move(first));
  EXPECT_EQ(second.octets()[0], std::byte{9});
  first = std::move(second);
  EXPECT_FALSE(second.is_mapped());
  EXPECT_EQ(first.octets()[0], std::byte{9});
}

TEST(FileDescriptor, IsOwnedOnce) {
  FileDescriptor first = make_memfd("test", size_t{1});
  const int number = first.get();
  FileDescriptor second = std::move(first);
  EXPECT_FALSE(first.is_open());
  EXPECT_EQ(second.get(), number);
  second.reset();
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace demarc::contract
