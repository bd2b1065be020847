#include "dataplane/wire/interface.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace demarc::wire {
namespace {

void set_name(ifreq& request, const char* name) {
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
}

bool make_zero(const char* name, const char* family) {
  char path[96];
  std::snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/forwarding", family, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT;  // without that family nothing of it is routed
  char value = 0;
  const bool is_zero = read(file, &value, 1) == 1 && value == '0';
  close(file);
  if (is_zero) return true;
  file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool is_written = write(file, "0", 1) == 1;
  close(file);
  return is_written;
}

}  // namespace

InterfaceFacts look_up_interface(const char* name) {
  InterfaceFacts facts;
  facts.index = if_nametoindex(name);
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return facts;
  ifreq request{};
  set_name(request, name);
  if (ioctl(socket_fd, SIOCGIFFLAGS, &request) == 0) {
    facts.is_up = (request.ifr_flags & IFF_UP) != 0;
  }
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  request = {};
  set_name(request, name);
  request.ifr_data = reinterpret_cast<char*>(&channels);
  if (ioctl(socket_fd, SIOCETHTOOL, &request) == 0) {
    facts.has_combined = channels.max_combined != 0;
    const unsigned count = channels.combined_count != 0
                               ? channels.combined_count
                               : std::min(channels.rx_count, channels.tx_count);
    facts.channels = static_cast<uint16_t>(std::clamp(count, 1u, 64u));
  }
  close(socket_fd);
  return facts;
}

bool bring_up_interface(const char* name) {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return false;
  ifreq request{};
  set_name(request, name);
  bool is_done = ioctl(socket_fd, SIOCGIFFLAGS, &request) == 0;
  if (is_done) {
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    is_done = ioctl(socket_fd, SIOCSIFFLAGS, &request) == 0;
  }
  close(socket_fd);
  return is_done;
}

bool switch_off_forwarding(const char* name) {
  const bool is_v4_off = make_zero(name, "ipv4");
  return make_zero(name, "ipv6") && is_v4_off;
}

}  // namespace demarc::wire
