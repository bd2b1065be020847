// Files that a configuration names: where they are, and what was read of them.
#include "controlplane/config/named_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controlplane/config/load.h"
#include "tests/support/temporary_directory.h"

namespace demarc::config {
namespace {

constexpr std::string_view base = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
)";

class NamedFiles : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory.path(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  Loaded load_main(const std::string& more) {
    write("etc/demarc.toml",
          std::string("include = \"more/routes.toml\"\n") + std::string(base) + more);
    const Loaded loaded = load_file(directory.path("etc/demarc.toml"));
    EXPECT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
    return loaded;
  }
  support::TemporaryDirectory directory;
};

TEST_F(NamedFiles, AreFoundFromTheFileThatNamesThem) {
  write("etc/tables/dids.csv", "100,200\n");
  write("etc/more/costs.csv", "+44,0.01\n");
  write("etc/more/routes.toml", "[costs.acme]\nfile = \"costs.csv\"\n");
  const Config config = load_main("[table.dids]\nfile = \"tables/dids.csv\"\n").config;
  EXPECT_EQ(config.tables[0].file, directory.path("etc/tables/dids.csv"));
  EXPECT_EQ(config.tables[0].rows->size(), 1u);
  EXPECT_EQ(config.costs[0].file, directory.path("etc/more/costs.csv"));
  EXPECT_EQ(config.costs[0].rows->size(), 1u);
}

TEST_F(NamedFiles, HaveTheDigestsOfPrefixLists) {
  write("etc/more/routes.toml", "[prefixes.uk]\nfile = \"uk.csv\"\n");
  write("etc/more/uk.csv", "+44\n");
  const std::vector<NamedFile> before = named_files(load_main("").config);
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].path, directory.path("etc/more/uk.csv"));
  write("etc/more/uk.csv", "+45\n");
  const std::vector<NamedFile> after = named_files(load_main("").config);
  EXPECT_EQ(changed_files(before, after), std::vector<std::string>{before[0].path});
}

TEST_F(NamedFiles, OfProfilesAreFoundSoToo) {
  write("etc/more/routes.toml",
        "[tls.main]\ncertificate = \"sbc.pem\"\nkey = \"../sbc.key\"\n"
        "ca = \"/ca.pem\"\ncrl = \"c\"\nocsp_staple = \"o\"\n");
  write("etc/demarc.toml", std::string("include = \"more/routes.toml\"\n") + std::string(base));
  const Tls tls = load_file(directory.path("etc/demarc.toml")).config.tls[0];
  EXPECT_EQ(tls.certificate, directory.path("etc/more/sbc.pem"));
  EXPECT_EQ(tls.key, directory.path("etc/sbc.key"));
  EXPECT_EQ(tls.ca, "/ca.pem");
  EXPECT_EQ(tls.crl, directory.path("etc/more/c"));
  EXPECT_EQ(tls.ocsp_staple, directory.path("etc/more/o"));
}

// A file may be replaced between its reading and the question what it held.
TEST_F(NamedFiles, HaveDigestsOfWhatWasRead) {
  write("etc/more/routes.toml", "");
  write("etc/dids.csv", "100,200\n");
  write("etc/costs.csv", "+44,0.01\n");
  const Config config = load_main(
                            "[table.dids]\nfile = \"dids.csv\"\n"
                            "[costs.acme]\nfile = \"costs.csv\"\n")
                            .config;
  write("etc/dids.csv", "100,201\n");
  write("etc/costs.csv", "+44,0.02\n");
  const std::vector<NamedFile> expected = {
      {directory.path("etc/costs.csv"), digest_of("+44,0.01\n")},
      {directory.path("etc/dids.csv"), digest_of("100,200\n")}};
  EXPECT_EQ(named_files(config), expected);
}

}  // namespace
}  // namespace demarc::config
