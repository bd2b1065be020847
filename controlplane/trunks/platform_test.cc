#include "controlplane/trunks/platform.h"
#include "controlplane/trunks/trunks_harness.h"

namespace demarc::trunks {
namespace {

TEST(Misfit, NamesWhatNeedsARestart) {
  const link::Blob both = compile_platform(whole());
  EXPECT_EQ(misfit(whole(), {false, both, 2, 2}, {}), "");
  EXPECT_NE(misfit(whole(), {false, both, 1, 2}, {}).find("trunk_capacity of 1"),
            std::string::npos);
  IdMap ids;
  ids.trunks.take("gone");
  EXPECT_NE(misfit(whole(), {false, both, 2, 2}, ids).find("3 rows"), std::string::npos)
      << "calls may still be on it";
  const link::Blob one = compile_platform(load("[port.wan]\ndevice = \"a\"\n"));
  EXPECT_NE(misfit(whole(), {false, one, 2, 2}, {}).find("port.lan"), std::string::npos);
}

TEST(Platform, NamesTheFieldsThatNeedARestart) {
  const link::Blob running = compile_platform(whole());
  EXPECT_TRUE(platform_differences(running, compile_platform(whole())).empty());
  const link::Blob wanted = compile_platform(
      load("[platform]\nworkers = 2\ntone_detectors_per_worker = 7\nrepacketizers_per_worker = 8\n"
           "trunk_capacity = 8\ntarget_capacity = 8\n"
           "[port.wan]\ndevice = \"a\"\nmtu = 9000\n[port.dmz]\ndevice = \"c\"\n"));
  EXPECT_EQ(platform_differences(running, wanted),
            (std::vector<std::string>{"platform.repacketizers_per_worker",
                                      "platform.tone_detectors_per_worker", "platform.workers",
                                      "port.dmz", "port.wan.mtu", "port.lan"}));
  const auto& section = *reinterpret_cast<const contract::PlatformSection*>(wanted.data());
  EXPECT_EQ(section.tone_detectors_per_worker, 7u);
  EXPECT_EQ(section.repacketizers_per_worker, 8u);
}

TEST(Platform, PortsAreNumberedAsTheRunningDataplaneDoes) {
  const link::Blob running =
      compile_platform(load("[port.wan]\ndevice = \"a\"\n[port.zzz]\ndevice = \"z\"\n"));
  IdMap ids;
  const link::SectionSet set =
      compile(load("[port.aaa]\ndevice = \"x\"\n[port.wan]\ndevice = \"a\"\n[realm.r]\n"
                   "port = \"wan\"\naddress = \"198.51.100.10\"\n"),
              {false, running}, ids);
  EXPECT_EQ(set.refusal, "");
  EXPECT_EQ(set.needs_restart, (std::vector<std::string>{"port.aaa", "port.zzz"}));
  const auto& section = as<contract::RealmSection>(set, SectionKind::realms);
  EXPECT_EQ(elements(section.header, section.realms)[0].port, contract::NicPortId{0});
}

TEST(Platform, ARealmOnAPortThatTheDataplaneLacksIsRefused) {
  const link::Blob running = compile_platform(load("[port.wan]\ndevice = \"a\"\n"));
  IdMap ids;
  const link::SectionSet set = compile(whole(), {false, running}, ids);
  EXPECT_NE(set.refusal.find("realm.inside is on port.lan"), std::string::npos) << set.refusal;
}

}  // namespace
}  // namespace demarc::trunks
