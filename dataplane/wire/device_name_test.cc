#include "dataplane/wire/device_name.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::wire {
namespace {

TEST(DeviceName, KnowsFourKinds) {
  EXPECT_EQ(parse_device("0000:03:00.0").kind, DeviceKind::pci);
  const DeviceName xdp = parse_device("af_xdp:eth0");
  EXPECT_EQ(xdp.kind, DeviceKind::af_xdp);
  EXPECT_EQ(xdp.view(), "eth0");
  const DeviceName packet = parse_device("af_packet:veth-a.5");
  EXPECT_EQ(packet.kind, DeviceKind::af_packet);
  EXPECT_EQ(packet.view(), "veth-a.5");
  const DeviceName vdev = parse_device("net_null0,size=214");
  EXPECT_EQ(vdev.kind, DeviceKind::vdev);
  EXPECT_EQ(vdev.view(), "net_null0,size=214");
}

TEST(DeviceName, RefusesEverythingElse) {
  for (const char* bad :
       {"", "eth0", "af_xdp:", "af_packet:", "af_xdp:a/b", "af_xdp:a,busy_budget=9", "af_xdp:..",
        "af_xdp:sixteen-letters-", "af_packet:a b", "net_", "0000:03:00.8", "0000:03:0g.0",
        "000:03:00.0", "0000-03:00.0"}) {
    EXPECT_EQ(parse_device(bad).kind, DeviceKind::none) << bad;
  }
  EXPECT_EQ(parse_device("net_" + std::string(300, 'x')).kind, DeviceKind::none);
}

}  // namespace
}  // namespace demarc::wire
