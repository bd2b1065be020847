// Transports, TLS profiles with their files, and presets of trunks.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "controlplane/config/load.h"
#include "controlplane/config/tls_expiry.h"
#include "controlplane/config/tls_files.h"
#include "tests/support/certificates.h"

namespace demarc::config {
namespace {

using contract::Transport;

class TlsConfig : public ::testing::Test {
 protected:
  TlsConfig() {
    std::string pattern = (std::filesystem::temp_directory_path() / "demarc-tls-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    const support::Identity ca = support::make_identity({.common_name = "ca"});
    put("ca.pem", ca.certificate_pem());
    const support::Identity own = support::make_identity({.names = "DNS:sbc.example.com"}, &ca);
    put("cert.pem", own.certificate_pem());
    put("key.pem", own.key_pem());
    put("other-key.pem", ca.key_pem());
    put("crl.pem", support::make_crl_pem(ca, 5));
    for (const long days : {-3L, 0L, 20L}) {
      const support::Identity late = support::make_identity({.ends_days = days}, &ca);
      put("cert" + std::to_string(days) + ".pem", late.certificate_pem());
      put("key" + std::to_string(days) + ".pem", late.key_pem());
    }
    put("junk.pem", "not a certificate\n");
    put("mixed.pem", ca.certificate_pem() +
                         "-----BEGIN CERTIFICATE-----\nAAAA\n-----END "
                         "CERTIFICATE-----\n");
  }
  ~TlsConfig() override { std::filesystem::remove_all(directory_); }

  void put(const std::string& name, const std::string& content) {
    std::ofstream(directory_ + "/" + name) << content;
  }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  // A configuration with these lines in [trunk.acme] and in [tls.main].
  std::string with(const std::string& trunk, const std::string& tls) const {
    return "[port.wan]\ndevice = \"af_packet:veth0\"\n[realm.outside]\nport = \"wan\"\n"
           "address = \"198.51.100.10\"\n[trunk.acme]\nrealm = \"outside\"\n"
           "peer = \"198.51.100.20\"\n" +
           trunk + "\n[[route]]\nfrom = \"acme\"\nto = \"acme\"\n" +
           (tls.empty() ? "" : "[tls.main]\n" + tls + "\n");
  }
  std::string good_tls() const {
    return "certificate = \"" + path("cert.pem") + "\"\nkey = \"" + path("key.pem") +
           "\"\nca = \"" + path("ca.pem") + "\"";
  }
  std::string problem(const std::string& text) const {
    const Loaded loaded = load_text(text);
    const std::vector<std::string> texts = texts_of(loaded, "f");
    EXPECT_EQ(texts.size(), 1u) << testing::PrintToString(texts);
    return texts.empty() ? "" : texts.front();
  }

  std::string directory_;
};

TEST_F(TlsConfig, TransportDecidesDefaultPorts) {
  const auto trunk = [&](const std::string& lines) {
    const Loaded loaded = load_text(with(lines, good_tls()));
    EXPECT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
    return loaded.config.trunks.front();
  };
  const Trunk udp = trunk("");
  EXPECT_EQ(udp.transport, Transport::udp);
  EXPECT_EQ(udp.port, 5060);
  const Trunk tls = trunk("transport = \"tls\"\ntls = \"main\"");
  EXPECT_EQ(tls.transport, Transport::tls);
  EXPECT_EQ(tls.port, 5061);
  EXPECT_EQ(tls.peers.front().endpoint.port, 5061);
  const Trunk lync = trunk("preset = \"lync2013\"\ntls = \"main\"");
  EXPECT_EQ(lync.transport, Transport::tls);
  EXPECT_EQ(lync.port, 5067);
  EXPECT_EQ(lync.peers.front().endpoint.port, 5067);
  const Trunk lync_tcp = trunk("preset = \"lync2013\"\ntransport = \"tcp\"\nport = 5099");
  EXPECT_EQ(lync_tcp.transport, Transport::tcp);
  EXPECT_EQ(lync_tcp.port, 5099);
  EXPECT_EQ(lync_tcp.peers.front().endpoint.port, 5068);
}

TEST_F(TlsConfig, PresetsAreDefaultsOnly) {
  const Loaded loaded =
      load_text(with("preset = \"teams\"\ntls = \"main\"\ncontact_host = \"sbc.example.com\"\n"
                     "failover_ms = 4000",
                     good_tls()));
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const Trunk& trunk = loaded.config.trunks.front();
  EXPECT_EQ(trunk.transport, Transport::tls);
  EXPECT_EQ(trunk.policy.failover_codes, (std::vector<uint16_t>{408, 503, 504}));
  EXPECT_TRUE(trunk.policy.user_is_phone);
  EXPECT_FALSE(trunk.policy.accepts_sips);
  EXPECT_EQ(trunk.policy.max_early_dialogs, 20);
  EXPECT_EQ(trunk.policy.transfer, contract::Transfer::passed);
  EXPECT_EQ(trunk.policy.failover_ms, 4000u);
}

TEST_F(TlsConfig, TeamsIsAsDirectRoutingWantsIt) {
  const Loaded loaded = load_text(
      with("preset = \"teams\"\ntls = \"main\"\ncontact_host = \"sbc.example.com\"", good_tls()));
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const Trunk& trunk = loaded.config.trunks.front();
  EXPECT_EQ(trunk.port, 5061);
  EXPECT_EQ(trunk.policy.contact_host, "sbc.example.com");
  EXPECT_TRUE(trunk.policy.replaces);
  EXPECT_TRUE(trunk.policy.needs_offer);
  EXPECT_TRUE(trunk.policy.makes_offer);
  EXPECT_EQ(trunk.srtp.use, contract::SrtpUse::required);
  EXPECT_EQ(trunk.srtp.suites, (std::vector{contract::SrtpSuite::aes_cm_128_hmac_sha1_80}));
  // Not more often than once in 60 seconds, not less than once in 180.
  EXPECT_GE(trunk.probe.interval_s, 60u);
  EXPECT_LE(trunk.probe.interval_s, 180u);
  EXPECT_TRUE(trunk.probe.is_always);
  EXPECT_EQ(trunk.probe.peer_interval_s, 60u);
  EXPECT_TRUE(trunk.policy.closes_on_503);
  EXPECT_EQ(trunk.policy.failover_ms, 10000u);
  EXPECT_FALSE(trunk.policy.session_timer);
}

TEST_F(TlsConfig, LyncIsAsItsTrunkConfigurationIsByDefault) {
  const auto trunk = [&](const std::string& lines) {
    const Loaded loaded = load_text(with("preset = \"lync2013\"\n" + lines, good_tls()));
    EXPECT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
    return loaded.config.trunks.front();
  };
  const Trunk tls = trunk("tls = \"main\"");
  EXPECT_FALSE(tls.policy.closes_on_503);
  EXPECT_EQ(tls.probe.peer_interval_s, 0u);
  EXPECT_EQ(tls.policy.max_early_dialogs, 20);
  EXPECT_EQ(tls.policy.failover_ms, 10000u);
  EXPECT_FALSE(tls.policy.session_timer);
  EXPECT_FALSE(tls.policy.keeps_identity);
  EXPECT_EQ(tls.policy.call_history, contract::CallHistory::none);
  EXPECT_EQ(tls.policy.transfer, contract::Transfer::passed);
  EXPECT_EQ(tls.media_timeout_ms, 30000u);
  EXPECT_FALSE(tls.policy.needs_offer);
  EXPECT_EQ(tls.srtp.use, contract::SrtpUse::required);
  // SRTPMode counts with TLS only.
  EXPECT_EQ(trunk("transport = \"tcp\"").srtp.use, contract::SrtpUse::off);
}

TEST_F(TlsConfig, APresetThatIsOverruledIsNoDefaultAnyMore) {
  const Loaded loaded = load_text(with(
      "preset = \"teams\"\ntls = \"main\"\ncontact_host = \"sbc.example.com\"\nreplaces = false\n"
      "delayed_offer = \"passed\"\nsrtp = \"optional\"",
      good_tls()));
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const Trunk& trunk = loaded.config.trunks.front();
  EXPECT_FALSE(trunk.policy.replaces);
  EXPECT_FALSE(trunk.policy.needs_offer);
  EXPECT_FALSE(trunk.policy.makes_offer);
  EXPECT_EQ(trunk.srtp.use, contract::SrtpUse::optional);
}

TEST_F(TlsConfig, KeysOfSrtpThatCrossOverTlsAreNoWarning) {
  const Loaded loaded =
      load_text(with("transport = \"tls\"\ntls = \"main\"\nsrtp = \"required\"", good_tls()));
  EXPECT_TRUE(loaded.is_good);
  EXPECT_TRUE(texts_of(loaded, "f").empty()) << testing::PrintToString(texts_of(loaded, "f"));
  EXPECT_NE(problem(with("transport = \"tcp\"\nsrtp = \"required\"", "")).find("unencrypted"),
            std::string::npos);
}

TEST_F(TlsConfig, TeamsNeedsTheNameOfItsCertificate) {
  EXPECT_EQ(problem(with("preset = \"teams\"\ntls = \"main\"", good_tls())).substr(0, 23),
            "f:9:10: preset: \"teams\"");
}

TEST_F(TlsConfig, ReadsTheFiles) {
  const Loaded loaded = load_text(with("transport = \"tls\"\ntls = \"main\"",
                                       good_tls() + "\ncrl = \"" + path("crl.pem") + "\""));
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const TlsFiles& files = loaded.config.tls.front().files;
  EXPECT_NE(files.key.octets.find("PRIVATE KEY"), std::string::npos);
  EXPECT_NE(files.certificate.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_NE(files.revoked.find("X509 CRL"), std::string::npos);
  EXPECT_GT(files.not_after_unix_s, 0);
}

TEST_F(TlsConfig, SaysWhatIsWrongWithEachFile) {
  const std::string cert = "certificate = \"" + path("cert.pem") + "\"\n";
  const std::string key = "key = \"" + path("key.pem") + "\"\n";
  const std::string ca = "ca = \"" + path("ca.pem") + "\"\n";
  const struct {
    std::string tls;
    std::string expected;
  } cases[] = {
      {"certificate = \"/nowhere/x.pem\"\n" + key + ca, "certificate: /nowhere/x.pem: no such"},
      {"certificate = \"" + path("junk.pem") + "\"\n" + key + ca, "holds no certificate in PEM"},
      {"certificate = \"" + path("mixed.pem") + "\"\nkey = \"" + path("other-key.pem") + "\"\n" +
           ca,
       "its chain holds what is no certificate"},
      {cert + "key = \"" + path("other-key.pem") + "\"\n" + ca, "is not the key of "},
      {cert + "key = \"" + path("junk.pem") + "\"\n" + ca, "holds no private key in PEM"},
      {cert + key + "ca = \"" + path("junk.pem") + "\"", "ca: "},
      {cert + key + ca + "crl = \"" + path("junk.pem") + "\"", "holds what is no CRL"},
      {cert + key + ca + "ocsp_staple = \"" + path("junk.pem") + "\"", "no OCSP response in DER"},
      {cert + key + ca + "ciphers = [\"ECDHE-RSA-AES256-GCM-SHA384\", \"ROT13\"]",
       "\"ROT13\" is no cipher suite"},
      {cert + key + ca + "ciphers = [\"AES128-SHA:NULL-SHA\"]", "is no cipher suite"},
      {cert + key, "verify: the peer's certificate can not be verified without ca"},
      {cert + key + ca + "oldest = \"1.3\"\nnewest = \"1.2\"", "oldest: is above newest"},
  };
  for (const auto& one : cases) {
    const std::string text = with("transport = \"tls\"\ntls = \"main\"", one.tls);
    EXPECT_NE(problem(text).find(one.expected), std::string::npos) << one.expected;
    EXPECT_FALSE(load_text(text).is_good) << one.expected;
  }
}

TEST_F(TlsConfig, WarnsOfCertificatesThatEnd) {
  const auto warning = [&](const std::string& days) {
    const std::string text =
        with("transport = \"tls\"\ntls = \"main\"",
             "certificate = \"" + path("cert" + days + ".pem") + "\"\nkey = \"" +
                 path("key" + days + ".pem") + "\"\nca = \"" + path("ca.pem") + "\"");
    EXPECT_TRUE(load_text(text).is_good);
    return problem(text);
  };
  EXPECT_NE(warning("20").find("expires in 20 days"), std::string::npos);
  EXPECT_NE(warning("0").find("expires in 0 days"), std::string::npos);
  EXPECT_NE(warning("-3").find("expired 3 days ago"), std::string::npos);
}

TEST_F(TlsConfig, CountsWholeDays) {
  EXPECT_EQ(days_left(86400 * 3, 0), 3);
  EXPECT_EQ(days_left(86400 * 3, 1), 2);
  EXPECT_EQ(days_left(0, 1), -1);
  EXPECT_EQ(days_left(0, 86401), -2);
  EXPECT_EQ(warning_days(31), 0u);
  EXPECT_EQ(warning_days(30), 30u);
  EXPECT_EQ(warning_days(14), 14u);
  EXPECT_EQ(warning_days(8), 14u);
  EXPECT_EQ(warning_days(7), 7u);
  EXPECT_EQ(warning_days(1), 1u);
  EXPECT_EQ(warning_days(-5), 1u);
}

TEST_F(TlsConfig, TellsOnceOfEachStepBeforeTheEnd) {
  Config config;
  config.tls.resize(1);
  config.tls[0].name = "main";
  config.tls[0].certificate = "c.pem";
  constexpr int64_t day = 86400;
  config.tls[0].files.not_after_unix_s = 100 * day;
  ExpiryWatch watch;
  EXPECT_TRUE(watch.due(config, 69 * day).empty());
  const std::vector<ExpiryWatch::Notice> first = watch.due(config, 70 * day);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].profile, "main");
  EXPECT_EQ(first[0].text, "tls.main: c.pem expires in 30 days");
  EXPECT_TRUE(watch.due(config, 71 * day).empty());
  EXPECT_EQ(watch.due(config, 86 * day).size(), 1u);
  EXPECT_EQ(watch.due(config, 93 * day).size(), 1u);
  EXPECT_EQ(watch.due(config, 99 * day).size(), 1u);
  EXPECT_TRUE(watch.due(config, 101 * day).empty());
  // A new certificate begins anew.
  config.tls[0].files.not_after_unix_s = 110 * day;
  EXPECT_EQ(watch.due(config, 101 * day).size(), 1u);
  config.tls[0].files.not_after_unix_s = 90 * day;
  const std::vector<ExpiryWatch::Notice> last = watch.due(config, 101 * day);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].text, "tls.main: c.pem has expired");
}

TEST_F(TlsConfig, RefersToAProfile) {
  EXPECT_NE(problem(with("transport = \"tls\"", good_tls())).find("needs tls = \"NAME\""),
            std::string::npos);
  EXPECT_NE(problem(with("transport = \"tls\"\ntls = \"mian\"", good_tls())).find("[tls.mian]"),
            std::string::npos);
  EXPECT_NE(problem(with("tls = \"main\"", good_tls())).find("says nothing unless"),
            std::string::npos);
}

TEST_F(TlsConfig, AnotherTransportIsAnotherListener) {
  const std::string second =
      "[trunk.acme2]\nrealm = \"outside\"\npeer = \"198.51.100.20\"\ntransport = \"tcp\"\n"
      "[[route]]\nfrom = \"acme2\"\nto = \"acme\"\n";
  EXPECT_TRUE(load_text(with("", "") + second).is_good);
}

TEST(SecretText, WipesWhatItHeld) {
  SecretText text;
  text.octets = std::string(100, 'k');
  const char* where = text.octets.data();
  const std::string_view seen(where, 100);
  text.wipe();
  EXPECT_TRUE(text.octets.empty());
  EXPECT_EQ(seen.find('k', 1), std::string_view::npos);
}

}  // namespace
}  // namespace demarc::config
