// OpenSSL allocates nothing once a Cipher stands: a worker may not.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>

#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media::srtp {
namespace {

unsigned& allocations() {
  static unsigned count = 0;
  return count;
}
void* allocate(size_t size, const char*, int) {
  ++allocations();
  return std::malloc(size);
}
void* reallocate(void* block, size_t size, const char*, int) {
  ++allocations();
  return std::realloc(block, size);
}
void release(void* block, const char*, int) {
  std::free(block);
}
// In place before OpenSSL allocates anything.
const int is_hooked = CRYPTO_set_mem_functions(allocate, reallocate, release);

TEST(SrtpAllocation, OpenSslTakesNothingPerKeyOrPacket) {
  ASSERT_EQ(is_hooked, 1);
  TestContexts test(Cipher::Kind::evp);
  EXPECT_GT(allocations(), 0u);
  for (const Suite suite : all_suites) {
    const unsigned before = allocations();
    const uint32_t out = test.contexts.open(some_key(suite));
    const uint32_t in = test.contexts.open(some_key(suite));
    for (unsigned i = 0; i < 10; ++i) {
      EXPECT_EQ(test.unprotect(in, test.protect(out, rtp_packet(i)).octets).outcome, Outcome::done);
      EXPECT_EQ(test.unprotect(in, test.protect(out, rtcp_packet(), true).octets, true).outcome,
                Outcome::done);
    }
    test.contexts.close(out);
    test.contexts.close(in);
    EXPECT_EQ(allocations(), before);
  }
}

}  // namespace
}  // namespace demarc::media::srtp
