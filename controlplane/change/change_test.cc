#include <sys/stat.h>
#include <unistd.h>

#include "controlplane/change/change_harness.h"

namespace demarc::change {
namespace {

TEST_F(ChangeTest, AStartIsARevisionOnce) {
  start();
  EXPECT_EQ(changes->running().revision, 1u);
  start();
  EXPECT_EQ(changes->running().revision, 1u);
  write(options.config_file, text_with("5070"));
  start();
  EXPECT_EQ(changes->running().revision, 2u);
  ASSERT_EQ(changes->revisions().size(), 2u);
  EXPECT_EQ(changes->revisions()[0].who, "start");
}

TEST_F(ChangeTest, ApplyWritesTheFileAndARevision) {
  start();
  const Outcome outcome = apply(text_with("5070"));
  EXPECT_EQ(outcome.verdict, Verdict::good);
  EXPECT_EQ(outcome.revision, 2u);
  ASSERT_EQ(outcome.differences.size(), 1u);
  EXPECT_EQ(outcome.differences[0].path, "/trunk/acme/port");
  EXPECT_EQ(taken, std::vector<uint16_t>{5070});
  EXPECT_EQ(read(options.config_file), text_with("5070"));
  const Revision revision = changes->revisions().front();
  EXPECT_EQ(revision.who + "/" + revision.how + "/" + revision.comment, "ann/apply/because");
  EXPECT_EQ(revision.differences, 1u);
  EXPECT_NE(revision.at_unix_ns, 0u);
}

TEST_F(ChangeTest, TheFilesOfEachRevisionAreKnownByName) {
  start();
  const std::string name = options.config_file.substr(options.config_file.rfind('/') + 1);
  EXPECT_EQ(changes->file_name(1, 0), name);
  EXPECT_EQ(changes->file_name(1, 1), "");
  apply(text_with("5070"));
  for (const uint64_t revision : {1u, 2u}) EXPECT_EQ(changes->file_name(revision, 0), name);
  EXPECT_EQ(changes->file_name(3, 0), "");
}

TEST_F(ChangeTest, AnInvalidCandidateChangesNothing) {
  start();
  const Outcome outcome = apply(text_with("99999"));
  EXPECT_EQ(outcome.verdict, Verdict::invalid);
  EXPECT_EQ(outcome.loaded->problems.size(), 1u);
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  EXPECT_EQ(changes->running().revision, 1u);
  write(options.config_file, "nonsense");
  EXPECT_EQ(changes->reload().verdict, Verdict::invalid);
  EXPECT_EQ(port_in_force(), 5060u);
}

TEST_F(ChangeTest, CompareChangesNothing) {
  start();
  const Outcome outcome = changes->compare(of(text_with("5070")));
  EXPECT_EQ(outcome.differences.size(), 1u);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_EQ(changes->revisions().size(), 1u);
}

TEST_F(ChangeTest, AStaleWishIsRefused) {
  start();
  apply(text_with("5070"));
  EXPECT_EQ(changes->apply(of(text_with("5080")), {"bob", "", 0, 1}).verdict, Verdict::stale);
  EXPECT_EQ(changes->roll_back(1, {"bob", "", 0, 1}).verdict, Verdict::stale);
  EXPECT_EQ(port_in_force(), 5070u);
}

TEST_F(ChangeTest, ReloadIsARevisionOnlyWhenTheFilesAreOthers) {
  start();
  EXPECT_EQ(changes->reload().revision, 1u);
  write(options.config_file, text_with("5070"));
  EXPECT_EQ(changes->reload().revision, 2u);
  EXPECT_EQ(taken, (std::vector<uint16_t>{5060, 5070}));
}

TEST_F(ChangeTest, RollbackGivesTheFileBackOctetByOctet) {
  start();
  apply(text_with("5070", "other"));
  apply(text_with("5080", "third"));
  EXPECT_EQ(changes->roll_back(1, {"ann", "", 0, 0}).revision, 4u);
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  EXPECT_EQ(changes->running().loaded->config.trunks[0].account.password, "s3cret");
  EXPECT_EQ(changes->roll_back(0, {"ann", "", 0, 0}).revision, 5u);
  EXPECT_EQ(read(options.config_file), text_with("5080", "third"));
  EXPECT_EQ(changes->roll_back(77, {"ann", "", 0, 0}).verdict, Verdict::unknown);
  EXPECT_EQ(changes->revisions()[0].how, "rollback to 3");
}

TEST_F(ChangeTest, TheDatabaseHoldsNoCredential) {
  start();
  apply(text_with("5060", "hunter2hunter2"));
  changes.reset();
  for (const char* name : {"/revisions.db"}) {
    const std::string octets = read(options.state_directory + name);
    EXPECT_NE(octets.find("# the provider"), std::string::npos);
    EXPECT_EQ(octets.find("hunter2"), std::string::npos);
    EXPECT_EQ(octets.find("s3cret"), std::string::npos);
  }
  struct stat status {};
  for (const char* name : {"/revisions.db", "/credentials.json"}) {
    ASSERT_EQ(::stat((options.state_directory + name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077u, 0u) << name;
  }
  start();
  const std::optional<Revision> shown = changes->revision(2);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->files[0].text, text_with("5060", "***"));
  EXPECT_FALSE(changes->revision(77));
}

TEST_F(ChangeTest, TheMaskStandsForTheCredentialInForce) {
  start();
  EXPECT_EQ(apply(text_with("5070", "***")).verdict, Verdict::good);
  EXPECT_EQ(read(options.config_file), text_with("5070"));
  const std::string elsewhere =
      text_with("5070") +
      "[trunk.b]\nrealm = \"outside\"\npeer = \"192.0.2.1\"\nport = 5090\n"
      "user = \"x\"\npassword = \"***\"\n";
  const Outcome outcome = apply(elsewhere);
  EXPECT_EQ(outcome.verdict, Verdict::invalid);
  EXPECT_EQ(outcome.loaded->problems.back().path, "/trunk/b/password");
}

TEST_F(ChangeTest, AnUnconfirmedChangeIsTakenBack) {
  start();
  const Outcome outcome = apply(text_with("5070"), 300);
  ASSERT_TRUE(outcome.pending);
  EXPECT_EQ(outcome.pending->back_to, 1u);
  const uint64_t until = outcome.pending->until_unix_ns;
  EXPECT_FALSE(changes->tick(until - 1));
  EXPECT_EQ(port_in_force(), 5070u);
  EXPECT_TRUE(changes->tick(until));
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  EXPECT_EQ(changes->revisions()[0].how, "not confirmed");
  EXPECT_FALSE(changes->running().pending);
  changes->tick(far_ahead);
  EXPECT_EQ(changes->running().revision, 3u);
}

// A change that was not confirmed may have cut its author off: it must not stay for want of room.
TEST_F(ChangeTest, AnUnconfirmedChangeIsTakenBackEvenIfTheDataplaneMustRestart) {
  start();
  apply(text_with("5070"), 300);
  misfit = "it needs a restart";
  EXPECT_TRUE(changes->tick(far_ahead));
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  EXPECT_FALSE(changes->running().pending);
}

TEST_F(ChangeTest, WhatCanNotBeTakenBackStaysAndStopsNothing) {
  start();
  apply(text_with("5070"), 300);
  refused_port = 5060;
  changes->tick(far_ahead);
  EXPECT_EQ(port_in_force(), 5070u);
  EXPECT_FALSE(changes->running().pending);
  EXPECT_EQ(read(options.config_file), text_with("5070"));
  EXPECT_EQ(changes->revisions().size(), 2u);
  start(far_ahead);
  EXPECT_EQ(port_in_force(), 5070u);
  EXPECT_EQ(changes->running().revision, 2u);
}

// Somebody put a directory where the file was: it can not be written, as with a full disk.
TEST_F(ChangeTest, WhatCanNotBeWrittenNowIsTakenBackLater) {
  start();
  const uint64_t until = apply(text_with("5070"), 300).pending->until_unix_ns;
  std::filesystem::remove(options.config_file);
  std::filesystem::create_directories(options.config_file + "/in_the_way");
  EXPECT_FALSE(changes->tick(until));
  EXPECT_EQ(port_in_force(), 5070u);
  ASSERT_TRUE(changes->running().pending);
  EXPECT_EQ(changes->running().pending->until_unix_ns, until);
  std::filesystem::remove_all(options.config_file);
  changes->tick(until + ns_per_s);  // not at once
  EXPECT_EQ(port_in_force(), 5070u);
  changes->tick(until + 61 * ns_per_s);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_FALSE(changes->running().pending);
}

TEST_F(ChangeTest, AFailedRollbackLeavesTheTimeForTheConfirmation) {
  start();
  const uint64_t until = apply(text_with("5070"), 300).pending->until_unix_ns;
  refused_port = 5060;
  EXPECT_EQ(changes->roll_back(0, {"ann", "", 0, 0}).verdict, Verdict::failed);
  refused_port = 0;
  start(until - 1);  // another process reads it from the database
  ASSERT_TRUE(changes->running().pending);
  EXPECT_EQ(changes->running().pending->until_unix_ns, until);
  changes->tick(until);
  EXPECT_EQ(port_in_force(), 5060u);
}

TEST_F(ChangeTest, AnEditIsKeptWhenTheStartTakesAChangeBack) {
  start();
  const uint64_t until = apply(text_with("5070"), 300).pending->until_unix_ns;
  write(options.config_file, text_with("5099"));
  start(until + ns_per_s);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_EQ(read(options.config_file + ".edited-1"), text_with("5099"));
}

TEST_F(ChangeTest, ARollbackNamesTheFilesThatHoldSomethingElseByNow) {
  const std::string table = directory.path("etc/numbers.csv");
  write(table, "100,200\n");
  write(options.config_file, text_with("5060") + "[table.dids]\nfile = \"" + table + "\"\n");
  start();
  apply(text_with("5070"));
  EXPECT_TRUE(changes->roll_back(1, {"ann", "", 0, 0}).others_by_now.empty());
  apply(text_with("5070"));
  write(table, "100,201\n");
  const Outcome outcome = changes->roll_back(1, {"ann", "", 0, 0});
  EXPECT_EQ(outcome.verdict, Verdict::good);
  EXPECT_EQ(outcome.others_by_now, std::vector<std::string>{table});
}

TEST_F(ChangeTest, ANamedFileThatHoldsSomethingElseMakesARevision) {
  const std::string table = directory.path("etc/numbers.csv");
  write(table, "100,200\n");
  const std::string named = text_with("5060") + "[table.dids]\nfile = \"" + table + "\"\n";
  write(options.config_file, named);
  start();
  EXPECT_EQ(changes->reload().revision, 1u);
  write(table, "100,201\n");
  EXPECT_EQ(changes->compare(of(named)).changed_files, std::vector<std::string>{table});
  EXPECT_EQ(changes->reload().revision, 2u);
  EXPECT_TRUE(changes->compare(of(named)).changed_files.empty());
  start();
  EXPECT_EQ(changes->running().revision, 2u) << "the digests are kept";
  write(table, "100,202\n");
  start();
  EXPECT_EQ(changes->running().revision, 3u);
}

TEST_F(ChangeTest, AnUnconfirmedChangeOfANamedFileAloneIsSettledOnce) {
  const std::string table = options.state_directory + "/dids.csv";
  write(table, "100,200\n");
  const std::string named = text_with("5060") + "[table.dids]\nfile = \"" + table + "\"\n";
  write(options.config_file, named);
  start();
  write(table, "100,201\n");
  const Outcome outcome = apply(named, 300);
  ASSERT_TRUE(outcome.pending);
  EXPECT_EQ(outcome.revision, 2u);
  changes->tick(outcome.pending->until_unix_ns);
  EXPECT_FALSE(changes->running().pending) << "the file stays what it is: nobody keeps the old one";
  EXPECT_EQ(changes->running().revision, 2u);
  start();
  EXPECT_FALSE(changes->running().pending);
}

TEST_F(ChangeTest, WhatTheServiceDoesNotTakeIsNoRevision) {
  start();
  refused_port = 5070;
  const Outcome outcome = apply(text_with("5070"));
  EXPECT_EQ(outcome.verdict, Verdict::failed);
  EXPECT_EQ(outcome.detail, "this is not taken");
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  // Its number is a gap now.
  EXPECT_EQ(apply(text_with("5080")).revision, 3u);
  EXPECT_EQ(changes->roll_back(0, {"ann", "", 0, 0}).verdict, Verdict::good);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_EQ(changes->revisions()[0].how, "rollback to 1");
}

TEST_F(ChangeTest, NothingIsTakenBackToWhatIsNoRevision) {
  const std::string blocked = options.state_directory + "/credentials.json.new";
  std::filesystem::create_directory(blocked);
  start();
  EXPECT_EQ(changes->running().revision, 0u);
  std::filesystem::remove(blocked);
  const Outcome outcome = apply(text_with("5070"), 300);
  EXPECT_EQ(outcome.verdict, Verdict::conflict);
  EXPECT_NE(outcome.detail.find("nothing to go back to"), std::string::npos);
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  EXPECT_EQ(changes->roll_back(0, {"ann", "", 0, 0}).verdict, Verdict::unknown);
  EXPECT_EQ(apply(text_with("5070")).revision, 1u);
}

TEST_F(ChangeTest, AnEditThatWasNotLoadedIsNotOverwritten) {
  start();
  write(options.config_file, text_with("5090"));
  const Outcome outcome = apply(text_with("5070"));
  EXPECT_EQ(outcome.verdict, Verdict::conflict);
  EXPECT_NE(outcome.detail.find("reload first"), std::string::npos);
  EXPECT_EQ(read(options.config_file), text_with("5090"));
  // The edit itself may be applied.
  EXPECT_EQ(apply(text_with("5090")).revision, 2u);
  EXPECT_EQ(apply(text_with("5070"), 300).revision, 3u);
  write(options.config_file, text_with("5080"));
  changes->tick(far_ahead);
  EXPECT_EQ(read(options.config_file), text_with("5090"));
  EXPECT_EQ(read(options.config_file + ".edited-3"), text_with("5080"));
}

TEST_F(ChangeTest, AConfirmedChangeStays) {
  start();
  EXPECT_EQ(changes->confirm().verdict, Verdict::unknown);
  apply(text_with("5070"), 300);
  EXPECT_EQ(changes->confirm().verdict, Verdict::good);
  changes->tick(far_ahead);
  EXPECT_EQ(port_in_force(), 5070u);
  start(far_ahead);
  EXPECT_EQ(port_in_force(), 5070u);
}

TEST_F(ChangeTest, WhileOneWaitsForItsConfirmationNoOtherIsTaken) {
  start();
  apply(text_with("5070"), 300);
  EXPECT_EQ(apply(text_with("5080")).verdict, Verdict::conflict);
  write(options.config_file, text_with("5090"));
  EXPECT_EQ(changes->reload().verdict, Verdict::conflict);
  write(options.config_file, text_with("5070"));
  EXPECT_EQ(changes->reload().verdict, Verdict::good);
  ASSERT_TRUE(changes->running().pending);
  EXPECT_EQ(changes->roll_back(0, {"ann", "", 0, 0}).verdict, Verdict::good);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_FALSE(changes->running().pending);
}

TEST_F(ChangeTest, ARestartKeepsTheTimeForTheConfirmation) {
  start();
  const uint64_t until = apply(text_with("5070"), 300).pending->until_unix_ns;
  start(until - 1);
  EXPECT_EQ(port_in_force(), 5070u);
  ASSERT_TRUE(changes->running().pending);
  EXPECT_EQ(changes->running().pending->until_unix_ns, until);
  changes->tick(until);
  EXPECT_EQ(port_in_force(), 5060u);
}

TEST_F(ChangeTest, ATimeThatEndedWhileNobodyRanIsOverAtTheStart) {
  start();
  const uint64_t until = apply(text_with("5070"), 300).pending->until_unix_ns;
  start(until + ns_per_s);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_FALSE(changes->running().pending);
}

TEST_F(ChangeTest, AChangeThatACrashInterruptedIsFinishedAtTheStart) {
  start();
  changes.reset();
  {
    Store store(options.state_directory + "/revisions.db");
    Revision revision = *store.newest();
    revision.files[0].text = text_with("5070");
    EXPECT_EQ(store.add(revision, std::nullopt), 2u);
  }
  start();
  EXPECT_EQ(port_in_force(), 5070u);
  EXPECT_EQ(changes->running().revision, 2u);
}

// Nothing of it is left: neither in the files, nor as a revision, nor told to the service.
TEST_F(ChangeTest, WhatDoesNotFitTheRunningDataplaneIsRefusedBeforeAnythingIsTouched) {
  start();
  apply(text_with("5070"));
  taken.clear();
  misfit = "it needs a restart";
  for (const Outcome& outcome :
       {apply(text_with("5080")), apply(text_with("5080"), 60), changes->roll_back(1, {})}) {
    EXPECT_EQ(outcome.verdict, Verdict::unfit);
    EXPECT_EQ(outcome.detail, misfit);
    EXPECT_EQ(outcome.revision, 2u);
  }
  EXPECT_EQ(read(options.config_file), text_with("5070"));
  EXPECT_FALSE(changes->running().pending);
  // Who asks before hears it, with all that would change.
  const Outcome asked = changes->compare(of(text_with("5080")));
  EXPECT_EQ(asked.verdict, Verdict::good);
  EXPECT_EQ(asked.misfit, misfit);
  EXPECT_EQ(asked.differences.size(), 1u);
  write(options.config_file, text_with("5080"));
  EXPECT_EQ(changes->reload().verdict, Verdict::unfit);
  EXPECT_EQ(port_in_force(), 5070u);
  EXPECT_EQ(changes->revisions().size(), 2u);
  EXPECT_TRUE(taken.empty());
  misfit.clear();
  EXPECT_EQ(changes->compare(of(text_with("5080"))).misfit, "");
  EXPECT_EQ(changes->reload().verdict, Verdict::good);
  EXPECT_EQ(taken, std::vector<uint16_t>{5080});
}

TEST_F(ChangeTest, WhatFailsATestIsInvalidAndNothingIsTouched) {
  start();
  do_tests_fail = true;
  EXPECT_EQ(changes->compare(of(text_with("5070"))).verdict, Verdict::invalid);
  const Outcome outcome = apply(text_with("5070"));
  EXPECT_EQ(outcome.verdict, Verdict::invalid);
  EXPECT_EQ(outcome.loaded->problems.back().message, "a test fails");
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  write(options.config_file, text_with("5070"));
  EXPECT_EQ(changes->reload().verdict, Verdict::invalid);
  EXPECT_EQ(port_in_force(), 5060u);
  EXPECT_TRUE(taken.empty());
}

TEST_F(ChangeTest, TestsKeepNobodyFromGoingBack) {
  start();
  apply(text_with("5070"));
  do_tests_fail = true;
  EXPECT_EQ(changes->roll_back(1, {}).verdict, Verdict::good);
  EXPECT_EQ(port_in_force(), 5060u);
  do_tests_fail = false;
  const Outcome outcome = apply(text_with("5080"), 60);
  do_tests_fail = true;
  EXPECT_TRUE(changes->tick(outcome.pending->until_unix_ns));
  EXPECT_EQ(port_in_force(), 5060u);
}

TEST_F(ChangeTest, WhatCanNotBeWrittenIsRefused) {
  start();
  Candidate candidate = of("include = \"../../escape.toml\"\n" + text_with("5070"));
  candidate.files.push_back({"../../escape.toml", "# text\n"});
  const Outcome outcome = changes->apply(candidate, {"ann", "", 0, 0});
  EXPECT_EQ(outcome.verdict, Verdict::failed);
  EXPECT_NE(outcome.detail.find("outside of the configuration's directory"), std::string::npos);
  EXPECT_EQ(read(options.config_file), text_with("5060"));
  EXPECT_EQ(changes->running().revision, 1u);
  EXPECT_EQ(changes->revisions().size(), 1u);
  EXPECT_TRUE(taken.empty());
}

TEST_F(ChangeTest, IncludedFilesAreAppliedAndRolledBack) {
  start();
  const std::string main = "include = \"routes/a.toml\"\n" + text_with("5060");
  const std::string extra = "[[route]]\nfrom = \"acme\"\nto = \"acme\"\nprefix = \"1\"\n";
  Candidate candidate = of(main);
  candidate.files.push_back({"routes/a.toml", extra});
  EXPECT_EQ(changes->apply(candidate, {"ann", "", 0, 0}).verdict, Verdict::good);
  EXPECT_EQ(read(directory.path("etc/routes/a.toml")), extra);
  candidate.files[1].text += "strip = 1\n";
  EXPECT_EQ(changes->apply(candidate, {"ann", "", 0, 0}).revision, 3u);
  start();
  EXPECT_EQ(changes->running().revision, 3u);
  EXPECT_EQ(changes->roll_back(2, {"ann", "", 0, 0}).verdict, Verdict::good);
  EXPECT_EQ(read(directory.path("etc/routes/a.toml")), extra);
  EXPECT_EQ(changes->revision(2)->files[1].path, "routes/a.toml");
}

TEST_F(ChangeTest, OldRevisionsAreForgottenWithTheirCredentials) {
  options.kept_revisions = 4;
  start();
  for (unsigned i = 0; i < 8; ++i) {
    apply(text_with(i % 2 == 0 ? "5070" : "5060", "password" + std::to_string(i)));
  }
  EXPECT_EQ(changes->revisions().size(), 4u);
  EXPECT_FALSE(changes->revision(1));
  const std::string vault = read(options.state_directory + "/credentials.json");
  EXPECT_EQ(vault.find("password1\\\""), std::string::npos);
  EXPECT_NE(vault.find("password5\\\""), std::string::npos);
}

TEST_F(ChangeTest, ATextThatLooksLikeATokenStaysAsItIs) {
  start();
  const std::string password = "@credential:00000000000000000000000000000000";
  apply(text_with("5070", password));
  apply(text_with("5080"));
  EXPECT_EQ(changes->roll_back(2, {"ann", "", 0, 0}).verdict, Verdict::good);
  EXPECT_EQ(read(options.config_file), text_with("5070", password));
}

}  // namespace
}  // namespace demarc::change
