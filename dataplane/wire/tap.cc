#include "dataplane/wire/tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "dataplane/wire/interface.h"

namespace demarc::wire {
namespace {

ifreq request_for(std::string_view name) {
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  return request;
}

// MAC address, MTU and up: only what differs is set, so that an operator's rights suffice.
bool set_up(int socket_fd, const TapOptions& options, const char*& step) {
  step = "setting its MAC address";
  ifreq request = request_for(options.name);
  if (ioctl(socket_fd, SIOCGIFHWADDR, &request) != 0) return false;
  if (std::memcmp(request.ifr_hwaddr.sa_data, options.mac.octets.data(), 6) != 0) {
    request = request_for(options.name);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(request.ifr_hwaddr.sa_data, options.mac.octets.data(), 6);
    if (ioctl(socket_fd, SIOCSIFHWADDR, &request) != 0) return false;
  }
  step = "setting its MTU";
  request = request_for(options.name);
  if (ioctl(socket_fd, SIOCGIFMTU, &request) != 0) return false;
  if (request.ifr_mtu != options.mtu) {
    request.ifr_mtu = options.mtu;
    if (ioctl(socket_fd, SIOCSIFMTU, &request) != 0) return false;
  }
  step = "bringing it up";
  request = request_for(options.name);
  if (ioctl(socket_fd, SIOCGIFFLAGS, &request) != 0) return false;
  if ((request.ifr_flags & IFF_UP) != 0) return true;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ioctl(socket_fd, SIOCSIFFLAGS, &request) == 0;
}

void explain_busy(const TapOptions& options, Explanation& why) {
  const int error = errno;
  const char* hint = "";
  if (error == EBUSY) hint = "; another process holds it: is the dataplane running already?";
  if (error == EPERM) hint = "; run as root or give CAP_NET_ADMIN";
  if (error == EINVAL) hint = "; an interface of this name exists and is no TAP";
  why.set("TAP %.*s: %s%s", static_cast<int>(options.name.size()), options.name.data(),
          std::strerror(error), hint);
}

}  // namespace

Tap::Tap(Tap&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      interface_index_(other.interface_index_),
      may_forward_(other.may_forward_) {}

Tap& Tap::operator=(Tap&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(interface_index_, other.interface_index_);
  std::swap(may_forward_, other.may_forward_);
  return *this;
}

Tap::~Tap() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Tap Tap::open(const TapOptions& options, Explanation& why) {
  Tap tap;
  if (options.name.empty() || options.name.size() >= IFNAMSIZ) {
    why.set("TAP name \"%.*s\": give 1 to 15 characters", static_cast<int>(options.name.size()),
            options.name.data());
    return tap;
  }
  tap.descriptor_ = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap.descriptor_ < 0) {
    why.set("/dev/net/tun: %s; `modprobe tun`, and give the container that device",
            std::strerror(errno));
    return tap;
  }
  ifreq request = request_for(options.name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(tap.descriptor_, TUNSETIFF, &request) != 0 ||
      ioctl(tap.descriptor_, TUNSETPERSIST, 1) != 0) {
    explain_busy(options, why);
    return {};
  }
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const char* step = "opening a socket";
  const bool is_done = socket_fd >= 0 && set_up(socket_fd, options, step);
  const int error = errno;
  if (socket_fd >= 0) ::close(socket_fd);
  if (!is_done) {
    why.set("TAP %s: %s failed: %s", request.ifr_name, step, std::strerror(error));
    return {};
  }
  tap.interface_index_ = if_nametoindex(request.ifr_name);
  tap.may_forward_ = !switch_off_forwarding(request.ifr_name);
  return tap;
}

void Tap::set_carrier(bool is_up) {
  const int carrier = is_up ? 1 : 0;
  // Kernels before 4.20 do not know it; the TAP then always has a carrier.
  static_cast<void>(ioctl(descriptor_, TUNSETCARRIER, &carrier));
}

size_t Tap::read(std::span<uint8_t> frame) {
  const ssize_t length = ::read(descriptor_, frame.data(), frame.size());
  return length > 0 ? static_cast<size_t>(length) : 0;
}

bool Tap::write(std::span<const uint8_t> frame) {
  return ::write(descriptor_, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size());
}

}  // namespace demarc::wire
