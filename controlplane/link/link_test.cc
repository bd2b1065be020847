#include "controlplane/link/link.h"

#include "controlplane/link/link_harness.h"
#include "controlplane/link/platform_file.h"

namespace demarc::link {
namespace {

TEST_F(LinkTest, StartsADataplaneAndPublishesEverything) {
  start_fresh();
  EXPECT_EQ(dataplane.publish_all(), 1u);
  until([&] { return link.status().published_generation == 1; });
  EXPECT_TRUE(link.status().is_attached);
  EXPECT_EQ(link.status().last_error, "");
  EXPECT_EQ(link.attachment()->driver(), "net_fake");
  EXPECT_EQ(link.attachment()->boot_id(), 77u);
  contract::Target target;
  ASSERT_TRUE(dataplane.region.target(contract::TargetId{1}).load(target));
  EXPECT_EQ(target.endpoint.port, 5060);
  const std::lock_guard guard(mutex);
  EXPECT_TRUE(views.front().is_fresh);
  EXPECT_FALSE(views.back().is_fresh);
  EXPECT_EQ(views.back().platform, set.blob(SectionKind::platform));
}

TEST_F(LinkTest, SendsOnlyWhatChanged) {
  start_fresh();
  dataplane.publish_all();
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  dataplane.send(MessageKind::section_result);
  EXPECT_EQ(dataplane.publish(), 2u);
  until([&] { return link.status().published_generation == 2; });
  // The same again: nothing to say. The source runs once more, and then no message follows.
  size_t before;
  {
    const std::lock_guard guard(mutex);
    before = views.size();
  }
  change(make_set("two"));
  until([&] {
    const std::lock_guard guard(mutex);
    return views.size() > before;
  });
  change(make_set("three"));
  dataplane.take_section(SectionKind::routes);
  dataplane.send(MessageKind::section_result);
  EXPECT_EQ(dataplane.publish(), 3u);
}

TEST_F(LinkTest, ARefusedSectionIsTheUsersToSeeAndIsSentAgainWhenChanged) {
  start_fresh();
  dataplane.publish_all();
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  dataplane.send(MessageKind::section_result, "no room");
  until([&] { return !link.status().last_error.empty(); });
  EXPECT_EQ(link.status().last_error, "the dataplane refused the section routes: no room");
  EXPECT_EQ(link.status().published_generation, 1u);
  // The end of what was refused, so that the next set is looked at for itself.
  dataplane.take(MessageKind::publish);
  dataplane.send(MessageKind::published, "a section of this generation was refused");
  until([&] { return all_settled().size() == 3; });
  EXPECT_EQ(all_settled().back(), Link::Ids::refused);
  EXPECT_EQ(link.status().last_error, "the dataplane refused the section routes: no room");
  EXPECT_TRUE(dataplane.is_silent());
  change(make_set("three"));
  EXPECT_EQ(dataplane.publish_all(), 3u);
  until([&] { return link.status().last_error.empty(); });
}

TEST_F(LinkTest, ARefusedGenerationIsTriedOnceMoreWithAHigherOne) {
  start_fresh();
  dataplane.publish_all();
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  dataplane.send(MessageKind::section_result);
  EXPECT_EQ(dataplane.take(MessageKind::publish).message.generation, 2u);
  dataplane.send(MessageKind::published, "generation 2 is not above 2, which is in force");
  // The dataplane dropped what it took: everything is sent again.
  EXPECT_EQ(dataplane.publish_all(), 3u);
  until([&] { return link.status().published_generation == 3; });
  EXPECT_EQ(link.status().last_error, "");
  EXPECT_EQ(all_settled(),
            (std::vector{Link::Ids::in_use, Link::Ids::in_force, Link::Ids::in_force}));
}

TEST_F(LinkTest, AfterASecondRefusalItWaitsForAChangeAndSendsAllOfIt) {
  start_fresh();
  dataplane.publish_all();
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  dataplane.send(MessageKind::section_result);
  dataplane.take(MessageKind::publish);
  dataplane.send(MessageKind::published, "it does not fit");
  for (const SectionKind kind :
       {SectionKind::realms, SectionKind::trunks, SectionKind::routes, SectionKind::secrets}) {
    dataplane.take_section(kind);
    dataplane.send(MessageKind::section_result);
  }
  dataplane.take(MessageKind::publish);
  dataplane.send(MessageKind::published, "it does not fit");
  until([&] { return all_settled().size() == 3; });
  EXPECT_EQ(all_settled().back(), Link::Ids::refused);
  EXPECT_NE(link.status().last_error.find("it does not fit"), std::string::npos);
  EXPECT_TRUE(dataplane.is_silent());
  change(make_set("one"));
  EXPECT_EQ(dataplane.publish_all(), 4u);
}

TEST_F(LinkTest, ARefusedSetLeavesTheTargetTableAsItWas) {
  start_fresh();
  dataplane.publish_all();
  until([&] { return link.status().published_generation == 1; });
  SectionSet next = make_set("two");
  next.targets[0].target.endpoint.port = 5062;
  TargetPlan added = next.targets[0];
  added.id = contract::TargetId{2};
  next.targets.push_back(added);
  change(next);
  dataplane.take_section(SectionKind::routes);
  contract::Target target;
  ASSERT_TRUE(dataplane.region.target(contract::TargetId{1}).load(target));
  EXPECT_EQ(target.endpoint.port, 5060) << "what calls use changes after the publication only";
  ASSERT_TRUE(dataplane.region.target(contract::TargetId{2}).load(target));
  EXPECT_EQ(target.health, contract::TargetHealth::unknown) << "what is new is there before it";
  dataplane.send(MessageKind::section_result, "no room");
  dataplane.take(MessageKind::publish);
  dataplane.send(MessageKind::published, "a section of this generation was refused");
  until([&] { return all_settled().size() == 3; });
  ASSERT_TRUE(dataplane.region.target(contract::TargetId{1}).load(target));
  EXPECT_EQ(target.endpoint.port, 5060);
  ASSERT_TRUE(dataplane.region.target(contract::TargetId{2}).load(target));
  EXPECT_EQ(target.health, contract::TargetHealth::unused);
  next.blob(SectionKind::routes) = make_set("three").blob(SectionKind::routes);
  change(next);
  dataplane.publish_all();
  until([&] { return link.status().published_generation == 3; });
  ASSERT_TRUE(dataplane.region.target(contract::TargetId{1}).load(target));
  EXPECT_EQ(target.endpoint.port, 5062);
}

TEST_F(LinkTest, AChangeInTheMiddleOfAPublicationIsNotForgotten) {
  start_fresh();
  dataplane.publish_all();
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  // The link waits for the answer now; whatever wakes it there must not be lost.
  for (unsigned round = 0; round < 200; ++round) {
    change(make_set("three-" + std::to_string(round)));
    dataplane.send(MessageKind::section_result);
    dataplane.publish();
    dataplane.take_section(SectionKind::routes);
  }
}

TEST_F(LinkTest, AConfigurationThatDoesNotFitIsNotSent) {
  start_fresh();
  dataplane.publish_all();
  SectionSet unfit = make_set("two");
  unfit.blob(SectionKind::realms).resize(8);
  change(unfit);
  until([&] { return !link.status().last_error.empty(); });
  EXPECT_NE(link.status().last_error.find("too_short"), std::string::npos);
  SectionSet refused = make_set("two");
  refused.refusal = "realm.x is on port.y";
  refused.needs_restart = {"port.y"};
  change(refused);
  until([&] { return link.status().last_error == "realm.x is on port.y"; });
  // Platform, first publication, and the two that were refused.
  until([&] {
    return all_settled() == std::vector{Link::Ids::in_use, Link::Ids::in_force, Link::Ids::refused,
                                        Link::Ids::refused};
  });
  {
    const std::lock_guard guard(mutex);
    EXPECT_EQ(views.back().trunk_capacity, sizes.trunk_capacity);
    EXPECT_EQ(views.back().target_capacity, sizes.target_capacity);
  }
  EXPECT_EQ(link.status().needs_restart, std::vector<std::string>{"port.y"});
  EXPECT_TRUE(dataplane.is_silent());
}

TEST_F(LinkTest, ARefusedPlatformIsTriedAgainWithTheNextConfiguration) {
  link.start();
  dataplane.greet();
  dataplane.take_section(SectionKind::platform);
  dataplane.send(MessageKind::section_result, "port wan: no such device");
  until([&] { return !link.status().last_error.empty(); });
  EXPECT_EQ(link.status().last_error, "the dataplane can not start: port wan: no such device");
  EXPECT_EQ(link.attachment(), nullptr);
  EXPECT_EQ(all_settled(), std::vector{Link::Ids::refused});
  change(make_set("two"));
  dataplane.take_section(SectionKind::platform);
  dataplane.send(MessageKind::section_result);
  dataplane.offer_region(dataplane.boot_id);
  dataplane.publish_all();
}

TEST_F(LinkTest, AttachesToARunningDataplaneWithoutItsPlatform) {
  save_platform(directory.path, dataplane.boot_id, set.blob(SectionKind::platform));
  dataplane.state = DataplaneState::running;
  link.start();
  dataplane.greet();
  dataplane.offer_region(dataplane.boot_id);
  EXPECT_EQ(dataplane.publish_all(), 1u);
  const std::lock_guard guard(mutex);
  EXPECT_FALSE(views.front().is_fresh);
  EXPECT_EQ(views.front().platform, set.blob(SectionKind::platform));
}

TEST_F(LinkTest, GoesOnFromTheGenerationInForceAfterALostConnection) {
  start_fresh();
  dataplane.publish_all();
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  dataplane.send(MessageKind::section_result);
  dataplane.publish();
  const std::shared_ptr<Attachment> held = link.attachment();
  dataplane.close();
  until([&] { return link.attachment() == nullptr; });
  EXPECT_FALSE(held->is_open());
  EXPECT_FALSE(link.status().is_attached);
  // Who holds it may still read.
  EXPECT_EQ(held->region().worker(0).generation.load(std::memory_order_relaxed), 2u);
  dataplane.state = DataplaneState::running;
  dataplane.greet();
  dataplane.send_region();
  EXPECT_EQ(dataplane.publish_all(), 3u);
}

TEST_F(LinkTest, AnotherDataplaneIsARestartAndTheSameOneIsNot) {
  start_fresh();
  dataplane.publish_all();
  const auto attach_again = [this] {
    dataplane.close();
    until([&] { return link.attachment() == nullptr; });
    dataplane.state = DataplaneState::running;
    dataplane.greet();
    dataplane.offer_region(dataplane.boot_id);
    dataplane.publish_all();
  };
  attach_again();
  EXPECT_EQ(link.status().restarts, 0u);
  dataplane.boot_id = 78;
  attach_again();
  EXPECT_EQ(link.status().restarts, 1u);
  using enum events::Kind;
  std::vector<events::Kind> kinds;
  for (const events::Event& event : events.after(0, 100).events) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector{dataplane_attached, dataplane_detached, dataplane_attached,
                                dataplane_detached, dataplane_restarted}));
}

TEST_F(LinkTest, KnowsADataplaneThatDiedFromOneThatClosedTheConnection) {
  start_fresh();
  dataplane.publish_all();
  dataplane.close();
  dataplane.state = DataplaneState::running;
  dataplane.greet();
  EXPECT_FALSE(link.is_dataplane_gone());
  dataplane.die();
  until([&] { return link.is_dataplane_gone(); });
  EXPECT_EQ(link.attachment(), nullptr);
}

TEST_F(LinkTest, StandsBackUntilItIsWantedAgain) {
  start_fresh();
  dataplane.publish_all();
  link.stand_back();
  dataplane.see_the_end();
  until([&] { return link.status().last_error.find("can not be written") != std::string::npos; });
  EXPECT_EQ(link.attachment(), nullptr);
  dataplane.state = DataplaneState::running;
  link.come_back();
  dataplane.greet();
  dataplane.send_region();
  EXPECT_EQ(dataplane.publish_all(), 2u);
  // A new configuration is worth an attempt, too.
  link.stand_back();
  dataplane.see_the_end();
  until([&] { return link.status().last_error.find("can not be written") != std::string::npos; });
  change(make_set("two"));
  dataplane.greet();
}

TEST_F(LinkTest, ARefusalSaysWhichSideToUpgradeAndIsRetried) {
  link.start();
  dataplane.accept();
  dataplane.take(MessageKind::hello);
  dataplane.send(MessageKind::welcome, "upgrade the control plane");
  until([&] { return !link.status().last_error.empty(); });
  EXPECT_NE(link.status().last_error.find("upgrade the control plane"), std::string::npos);
  dataplane.greet();  // it connects again
  dataplane.take_section(SectionKind::platform);
}

TEST_F(LinkTest, ARegionOfAnotherStartIsNotUsed) {
  dataplane.state = DataplaneState::running;
  link.start();
  dataplane.greet();
  dataplane.offer_region(dataplane.boot_id + 1);
  until([&] { return !link.status().last_error.empty(); });
  EXPECT_EQ(link.attachment(), nullptr);
  dataplane.greet();  // and it tries again
}

TEST_F(LinkTest, TheSpoolIsOfferedOnceAndItsReceiptSent) {
  start_fresh();
  dataplane.publish_all();
  until([&] { return link.attachment() != nullptr; });
  const std::shared_ptr<Attachment> attachment = link.attachment();
  EXPECT_EQ(attachment->spool(), Attachment::Spool::not_offered);
  dataplane.send(MessageKind::spool_offer);
  until([&] { return attachment->spool() == Attachment::Spool::offered; });
  EXPECT_EQ(attachment->spool_octets(), 0u);
  link.records_taken(attachment);
  dataplane.take(MessageKind::records_taken);
  dataplane.send(MessageKind::spool_offer);
  change(make_set("two"));
  dataplane.take_section(SectionKind::routes);
  EXPECT_EQ(attachment->spool(), Attachment::Spool::taken);
}

TEST_F(LinkTest, StopsWhileItWaitsForAnAnswer) {
  link.start();
  dataplane.accept();
  dataplane.take(MessageKind::hello);
  link.stop();
  EXPECT_EQ(link.attachment(), nullptr);
}

TEST(Link, RetriesUntilThereIsADataplane) {
  const Directory directory;
  events::Events events(0);
  Link link({directory.path + "/socket", directory.path, 1}, events,
            [](const DataplaneView&) { return make_set("one"); });
  link.start();
  while (link.status().last_error.empty()) std::this_thread::yield();
  EXPECT_NE(link.status().last_error.find("no dataplane at"), std::string::npos);
  FakeDataplane dataplane(directory.path + "/socket");
  dataplane.greet();
  dataplane.take_section(SectionKind::platform);
}

}  // namespace
}  // namespace demarc::link
