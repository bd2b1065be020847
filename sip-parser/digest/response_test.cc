#include "sip-parser/digest/response.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace demarc::digest {
namespace {

constexpr std::array hashes = {Hash::md5, Hash::sha_256, Hash::sha_512_256};

// Computed once by another program, from the formulas of RFC 7616 section 3.4. Its hash functions
// were OpenSSL too: those are tested by their own known answers, in hasher_test.cc.
constexpr std::string_view body = "v=0\r\n";
const Account trunk{.username = "trunk-7", .password = "pa\"ss\\:w"};
constexpr std::string_view trunk_realm = "sip.example.net";
constexpr std::array trunk_ha1 = {
    "0d92ce113ed9d6938052e9b2b5ee2fd4",
    "54d0fcb684acb502a4f63737cbd8904a805ce82a8b19b75ab0b9e0cc3c1fe191",
    "fa73c7f63ca6dcc5570b9308de94e646ccdf65ca0bb459ccc2d0125b68a39ddd"};
constexpr std::array trunk_userhash = {
    "ea1c34873bdf799b34e9d45ca3bb6f2a",
    "bcfc6dd935e6459a1a674daed587cc3891c5dce5ccc612c68b516e9025651f61",
    "42d97daf74dbc1bfbb78450ca2875c1d2c6557a4b9354deade2a135442a30122"};
struct Row {
  Algorithm algorithm;
  sip::Qop qop;
  std::string_view response;
  std::string_view rspauth;
};
constexpr Row rows[] = {
    {Algorithm::md5, sip::Qop::absent, "594154f448e4b145099d1988872ca5b2",
     "a4ce6cadb0cc407cfefc498426e14ac4"},
    {Algorithm::md5, sip::Qop::auth, "d6557d9681b2724792a4b369f4e728cd",
     "f486428ee50b1f5f033e7efc6b429dda"},
    {Algorithm::md5, sip::Qop::auth_int, "f09f88a195b5db6fff4578b58c268702",
     "9ba7beb1d8aaf47476292af0f55266ac"},
    {Algorithm::md5_sess, sip::Qop::auth, "79f2943cb541d41958528f0f6de6d429",
     "cf474b5100446145118dbe42e0abefdd"},
    {Algorithm::md5_sess, sip::Qop::auth_int, "fdc1c77d989e39a4db92e68ddca978e7",
     "b0aadecc182903c4530d70bf63304ec8"},
    {Algorithm::sha_256, sip::Qop::absent,
     "3b3c92679ea1b49eeb61188f11c5c3b11a902656b3680021dca531b8022ae9e8",
     "efbe894b6fc0bdbf2e2104c624cc51a30f90395e13c816f580f8ff8b9e8c7366"},
    {Algorithm::sha_256, sip::Qop::auth,
     "b5d19a5ca47fdf60cb4adaadf208bc9462f498e82a8ba91713d68b9bcefd378c",
     "0aeb13f2ac918d8224a0352404ceb5d5719d5a6c3b95ea8a80c390f0e1ae1611"},
    {Algorithm::sha_256, sip::Qop::auth_int,
     "bf047c84ddeb413eb74c70f043d5af6e17b0df0ec4f39610fbd499c2e78ebc4b",
     "5130d687480cfc806da2c8abf4784ede358f57dd96d16c52daf766199ba73c59"},
    {Algorithm::sha_256_sess, sip::Qop::auth,
     "ea35e92fc687f51a6361990588b9dff21f437536dee589595c9d5b568a8ede70",
     "39b23d726dfb7493c8ddfd52b208aa2ba5eed93260d3f81553031a22e5ccd284"},
    {Algorithm::sha_256_sess, sip::Qop::auth_int,
     "3805cef59a470a5b5c4fb13048d87575db0e00ad1a6febeeb8a7b45408d9424b",
     "d7a1351d5b5f780db4037bdb92b2ec46fb96f0ec830c16b295bed3ac26ab58a3"},
    {Algorithm::sha_512_256, sip::Qop::absent,
     "543006ca87daa2b8c998a70455a24cf5045523d10baf49e0f7c899964e1600d6",
     "ae366c0461e40faeb5f2ef2690956bf10bf900038fe3c05e2d252a5e5a714d28"},
    {Algorithm::sha_512_256, sip::Qop::auth,
     "62e57b91d0ebb508bd67a9e6dbead60ff0871c89443b5678d86f110a98476f38",
     "f2b387007fb4cc556d78c4b87e4bd8c8a8981553b5e3b4afa1e147168d88adbf"},
    {Algorithm::sha_512_256, sip::Qop::auth_int,
     "cc9e2298a44d208ad133ce05da36b7f46ac82cdcff8305b0fc1a7c626b4464a4",
     "43217bc19675924cccb61b8643ac2dcea7df2f9a063924c37ce71afa429fa20a"},
    {Algorithm::sha_512_256_sess, sip::Qop::auth,
     "4b1487e3b0f28d0e20002fdba3deec93f21a23b11ad0808c50eb337c6c2e4257",
     "b265d099fbbe6eb1dbe7194a75decb2ee0c1479783cbc4886b514de7bd475895"},
    {Algorithm::sha_512_256_sess, sip::Qop::auth_int,
     "9ecb50519ffffdb1c847b67ef5b851456be8da035e661fd5db7452fb99e47bc9",
     "cbd65217b21a7ebf4998ebdb7f13362da755e902d602aa4166837fd6eeb15efb"},
};

ResponseInput trunk_input(const Row& row) {
  ResponseInput input;
  input.algorithm = row.algorithm;
  input.qop = row.qop;
  input.qop_text = spelling(row.qop);
  input.method = "REGISTER";
  input.uri = "sip:sip.example.net";
  input.nonce = "n0nce/+==";
  input.cnonce = "c-42";
  input.nc = "0000001f";
  input.body = body;
  return input;
}

std::string hex(const HashValue& value) {
  return std::string(to_hex(value).view());
}

std::string respond(const Account& account, std::string_view realm, const ResponseInput& input) {
  Hasher hasher;
  Ha1 ha1;
  if (find_ha1(hasher, hash_of(input.algorithm), account, realm, ha1) != AccountError::none) {
    return "no account";
  }
  return hex(response_of(hasher, ha1, input));
}

ResponseInput http_input(Algorithm algorithm, std::string_view uri, std::string_view nonce,
                         std::string_view cnonce) {
  ResponseInput input;
  input.algorithm = algorithm;
  input.qop = sip::Qop::auth;
  input.qop_text = "auth";
  input.method = "GET";
  input.uri = uri;
  input.nonce = nonce;
  input.cnonce = cnonce;
  input.nc = "00000001";
  return input;
}

TEST(Response, IsThatOfRfc2617) {
  // RFC 2617 section 3.5.
  const ResponseInput input = http_input(Algorithm::md5, "/dir/index.html",
                                         "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b");
  EXPECT_EQ(
      respond({.username = "Mufasa", .password = "Circle Of Life"}, "testrealm@host.com", input),
      "6629fae49393a05397450978507c4ef1");
}

TEST(Response, IsThatOfRfc7616) {
  // RFC 7616 section 3.9.1.
  const Account mufasa{.username = "Mufasa", .password = "Circle of Life"};
  ResponseInput input =
      http_input(Algorithm::md5, "/dir/index.html", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
  EXPECT_EQ(respond(mufasa, "http-auth@example.org", input), "8ca523f5e9506fed4657c9700eebdbec");
  input.algorithm = Algorithm::sha_256;
  EXPECT_EQ(respond(mufasa, "http-auth@example.org", input),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Response, IsThatOfRfc7616WithSha512) {
  // RFC 7616 section 3.9.2 prints values of a cut SHA-512; these are those of erratum 4897.
  const Account user{.username = "J\xc3\xa4s\xc3\xb8n Doe", .password = "Secret, or not?"};
  const ResponseInput input = http_input(Algorithm::sha_512_256, "/doe.json",
                                         "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
                                         "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
  EXPECT_EQ(respond(user, "api@example.org", input),
            "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
  Hasher hasher;
  EXPECT_EQ(hex(userhash_of(hasher, Hash::sha_512_256, user.username, "api@example.org")),
            "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
}

TEST(Response, IsRightForEveryAlgorithmAndQop) {
  for (const Row& row : rows) {
    EXPECT_EQ(respond(trunk, trunk_realm, trunk_input(row)), row.response)
        << spelling(row.algorithm) << " " << spelling(row.qop);
  }
}

TEST(Response, OfAServerHasNoMethod) {
  for (const Row& row : rows) {
    ResponseInput input = trunk_input(row);
    input.method = "";
    EXPECT_EQ(respond(trunk, trunk_realm, input), row.rspauth) << spelling(row.algorithm);
  }
}

TEST(Response, IsTheSameFromStoredHa1) {
  for (const Row& row : rows) {
    Account stored;
    for (unsigned i = 0; i < hash_count; ++i) stored.ha1[i] = trunk_ha1[i];
    EXPECT_EQ(respond(stored, "another realm is not looked at", trunk_input(row)), row.response);
  }
}

TEST(Response, HashesTheBodyWithAuthIntOnly) {
  for (const Row& row : rows) {
    ResponseInput input = trunk_input(row);
    input.body = "v=1\r\n";
    EXPECT_EQ(respond(trunk, trunk_realm, input) == row.response, row.qop != sip::Qop::auth_int);
  }
}

TEST(Response, HashesAnEmptyBodyAsNothing) {
  // RFC 3261 section 22.4 item 7.
  ResponseInput input = trunk_input({Algorithm::md5, sip::Qop::auth_int, "", ""});
  input.body = "";
  const std::string empty = respond(trunk, trunk_realm, input);
  Hasher hasher;
  hasher.begin(Hash::md5);
  hasher.add("REGISTER:sip:sip.example.net:d41d8cd98f00b204e9800998ecf8427e");
  const std::string ha2 = hex(hasher.finish());
  hasher.begin(Hash::md5);
  hasher.add(trunk_ha1[0]);
  hasher.add(":n0nce/+==:0000001f:c-42:auth-int:");
  hasher.add(ha2);
  EXPECT_EQ(empty, hex(hasher.finish()));
}

TEST(Response, HashesTheQopAndTheCountAsTheyWereSent) {
  ResponseInput input = trunk_input(rows[1]);
  input.nc = "0000001F";
  EXPECT_NE(respond(trunk, trunk_realm, input), rows[1].response);
  input = trunk_input(rows[1]);
  input.qop_text = "AUTH";
  EXPECT_NE(respond(trunk, trunk_realm, input), rows[1].response);
}

TEST(Response, HashesQuotedTextsWithoutEscapes) {
  for (const Row& row : rows) {
    ResponseInput input = trunk_input(row);
    input.uri = "sip:\\sip.example.net";
    input.nonce = "n0nce\\/+=\\=";
    input.cnonce = "\\c\\-\\4\\2";
    EXPECT_EQ(respond(trunk, "sip\\.example.net", input), row.response);
  }
}

TEST(Response, ChangesWithEveryInput) {
  for (const Row& row : rows) {
    const bool has_qop = row.qop != sip::Qop::absent;
    const auto changed = [&](std::string_view ResponseInput::*field) {
      ResponseInput input = trunk_input(row);
      input.*field = "x";
      return respond(trunk, trunk_realm, input) != row.response;
    };
    EXPECT_TRUE(changed(&ResponseInput::method));
    EXPECT_TRUE(changed(&ResponseInput::uri));
    EXPECT_TRUE(changed(&ResponseInput::nonce));
    EXPECT_EQ(changed(&ResponseInput::cnonce), has_qop);
    EXPECT_EQ(changed(&ResponseInput::nc), has_qop);
    EXPECT_NE(respond(trunk, "x", trunk_input(row)), row.response);
    EXPECT_NE(respond({.username = "x", .password = trunk.password}, trunk_realm, trunk_input(row)),
              row.response);
    EXPECT_NE(respond({.username = trunk.username, .password = "x"}, trunk_realm, trunk_input(row)),
              row.response);
  }
}

TEST(Ha1, IsMadeFromThePassword) {
  Hasher hasher;
  for (const Hash hash : hashes) {
    Ha1 ha1;
    ASSERT_EQ(find_ha1(hasher, hash, trunk, trunk_realm, ha1), AccountError::none);
    EXPECT_EQ(ha1.view(), trunk_ha1[static_cast<size_t>(hash)]);
  }
}

TEST(Ha1, IsTakenAsStoredInAnyCase) {
  Hasher hasher;
  Account stored;
  stored.password = "not used";
  std::string capitals(trunk_ha1[1]);
  for (char& c : capitals) c = static_cast<char>(std::toupper(c));
  stored.ha1[1] = capitals;
  Ha1 ha1;
  ASSERT_EQ(find_ha1(hasher, Hash::sha_256, stored, "x", ha1), AccountError::none);
  EXPECT_EQ(ha1.view(), trunk_ha1[1]);
}

TEST(Ha1, RefusesAnAccountWithoutASecret) {
  Hasher hasher;
  Account account{.username = "u", .password = ""};
  account.ha1[0] = trunk_ha1[0];
  Ha1 ha1;
  EXPECT_EQ(find_ha1(hasher, Hash::md5, account, "r", ha1), AccountError::none);
  EXPECT_EQ(find_ha1(hasher, Hash::sha_256, account, "r", ha1), AccountError::no_secret);
  const std::string too_long = std::string(trunk_ha1[0]) + "0";
  const std::string no_hex = std::string(31, '0') + "g";
  for (const std::string_view bad : {std::string_view("0"), std::string_view(trunk_ha1[1]),
                                     std::string_view(too_long), std::string_view(no_hex)}) {
    account.ha1[0] = bad;
    EXPECT_EQ(find_ha1(hasher, Hash::md5, account, "r", ha1), AccountError::bad_ha1) << bad;
  }
}

TEST(Ha1, RefusesAHashThatIsNotThere) {
  Hasher hasher;
  Hasher taken(std::move(hasher));
  Ha1 ha1;
  EXPECT_EQ(find_ha1(hasher, Hash::md5, trunk, "r", ha1), AccountError::no_hash);
}

TEST(Ha1, IsWipedAtItsEnd) {
  alignas(Ha1) std::array<char, sizeof(Ha1)> place{};
  Hasher hasher;
  Ha1* ha1 = ::new (place.data()) Ha1;
  ASSERT_EQ(find_ha1(hasher, Hash::sha_256, trunk, trunk_realm, *ha1), AccountError::none);
  EXPECT_EQ(ha1->view(), trunk_ha1[1]);
  ha1->~Ha1();
  const std::string_view left(place.data(), place.size());
  EXPECT_EQ(left.find(std::string_view(trunk_ha1[1]).substr(8, 8)), std::string_view::npos);
}

TEST(Userhash, IsThatOfUserAndRealm) {
  Hasher hasher;
  for (const Hash hash : hashes) {
    EXPECT_EQ(hex(userhash_of(hasher, hash, trunk.username, trunk_realm)),
              trunk_userhash[static_cast<size_t>(hash)]);
  }
}

TEST(ConstantTime, ComparesValuesAndSizes) {
  HashValue a;
  HashValue b;
  a.size = b.size = 16;
  EXPECT_TRUE(is_equal_constant_time(a, b));
  b.octets[15] = 1;
  EXPECT_FALSE(is_equal_constant_time(a, b));
  b.size = a.size = 15;
  EXPECT_TRUE(is_equal_constant_time(a, b));
  b.size = 14;
  EXPECT_FALSE(is_equal_constant_time(a, b));
}

// Columns of ../shared/data/vectors/digest_rfc2617_7616_8760.tsv.
std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns(1);
  for (const char c : line) {
    if (c == '\t') {
      columns.emplace_back();
    } else {
      columns.back() += c;
    }
  }
  return columns;
}

Algorithm algorithm_of(std::string_view name) {
  for (const Algorithm algorithm : strongest_first) {
    if (spelling(algorithm) == name) return algorithm;
  }
  return Algorithm::other;
}

std::string octets_of_hex(std::string_view digits) {
  std::string octets;
  for (size_t i = 0; i + 2 <= digits.size(); i += 2) {
    HashValue octet;
    EXPECT_TRUE(from_hex(digits.substr(i, 2), 1, octet));
    octets += octet.view();
  }
  return octets;
}

void check_vector(const std::vector<std::string>& columns) {
  ASSERT_EQ(columns.size(), 13u);
  ResponseInput input;
  input.algorithm = algorithm_of(columns[1]);
  ASSERT_NE(input.algorithm, Algorithm::other) << columns[1];
  const Account account{.username = columns[2], .password = columns[4]};
  input.method = columns[5];
  input.uri = columns[6];
  input.nonce = columns[7];
  input.nc = columns[8];
  input.cnonce = columns[9];
  input.qop_text = columns[10];
  for (const sip::Qop qop : {sip::Qop::auth, sip::Qop::auth_int}) {
    if (columns[10] == spelling(qop)) input.qop = qop;
  }
  const std::string octets = octets_of_hex(columns[11]);
  input.body = octets;
  EXPECT_EQ(respond(account, columns[3], input), columns[12]) << columns[0] << " " << columns[1];
}

TEST(Response, IsThatOfTheSharedVectors) {
  std::ifstream file("../shared/data/vectors/digest_rfc2617_7616_8760.tsv");
  if (!file) {
    std::cout << "skipped: no ../shared/data/vectors here\n";
    return;
  }
  unsigned checked = 0;
  bool is_behind_names = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (is_behind_names) {
      check_vector(columns_of(line));
      ++checked;
    }
    is_behind_names = true;
  }
  std::cout << "checked " << checked << " vectors\n";
  EXPECT_GE(checked, 1u);
}

}  // namespace
}  // namespace demarc::digest
