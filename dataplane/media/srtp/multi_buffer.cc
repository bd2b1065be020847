#include "dataplane/media/srtp/multi_buffer.h"

#include <intel-ipsec-mb.h>

#include <algorithm>
#include <cstring>

#include "sip-parser/base/check.h"

namespace demarc::media::srtp {
namespace {

static_assert(sizeof(gcm_key_data) <= sizeof(GcmKeys));
static_assert(alignof(gcm_key_data) <= alignof(GcmKeys));

// The library stores 12 or 20 octets of an HMAC-SHA1.
constexpr uint64_t tag_octets = 12;

void expand_aes(IMB_MGR* manager, std::span<const uint8_t> key, uint8_t* schedule) {
  alignas(16) std::array<uint8_t, 15 * aes_block_octets> decrypt;  // counter mode needs none
  if (key.size() == 16) {
    IMB_AES_KEYEXP_128(manager, key.data(), schedule, decrypt.data());
  } else {
    IMB_AES_KEYEXP_256(manager, key.data(), schedule, decrypt.data());
  }
  explicit_bzero(decrypt.data(), decrypt.size());
}

void fill(IMB_JOB& job, CounterPass& pass, Way way) {
  const bool is_protect = way == Way::protect;
  job.enc_keys = pass.keys->schedule.data();
  job.dec_keys = pass.keys->schedule.data();
  job.key_len_in_bytes = pass.key_octets;
  job.src = pass.packet;
  job.dst = pass.packet + pass.text_offset;
  job.cipher_start_src_offset_in_bytes = pass.text_offset;
  job.msg_len_to_cipher_in_bytes = pass.text_length;
  job.hash_start_src_offset_in_bytes = 0;
  job.msg_len_to_hash_in_bytes = pass.text_offset + pass.text_length + suffix_octets;
  job.iv = pass.iv.data();
  job.iv_len_in_bytes = aes_block_octets;
  job.auth_tag_output = pass.tag.data();
  job.auth_tag_output_len_in_bytes = tag_octets;
  job.u.HMAC._hashed_auth_key_xor_ipad = pass.keys->inner.data();
  job.u.HMAC._hashed_auth_key_xor_opad = pass.keys->outer.data();
  job.cipher_mode = IMB_CIPHER_CNTR;
  job.cipher_direction = is_protect ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
  job.hash_alg = IMB_AUTH_HMAC_SHA_1;
  job.chain_order = is_protect ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
}

}  // namespace

bool MultiBuffer::is_fast_here() {
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
         __builtin_cpu_supports("avx");
}

MultiBuffer::MultiBuffer(bool is_used) {
  if (!is_used) return;
  manager_ = alloc_mb_mgr(0);
  DEMARC_CHECK(manager_ != nullptr);
  IMB_ARCH chosen = IMB_ARCH_NONE;
  init_mb_mgr_auto(manager_, &chosen);
  DEMARC_CHECK(imb_get_errno(manager_) == 0 && chosen != IMB_ARCH_NONE);
}

MultiBuffer::~MultiBuffer() {
  if (manager_ == nullptr) return;
  explicit_bzero(manager_, imb_get_mb_mgr_size());
  free_mb_mgr(manager_);
}

void MultiBuffer::key_stream(std::span<const uint8_t> key,
                             const std::array<uint8_t, aes_block_octets>& counter,
                             std::span<uint8_t> out) {
  alignas(16) std::array<uint8_t, 15 * aes_block_octets> schedule;
  expand_aes(manager_, key, schedule.data());
  std::fill(out.begin(), out.end(), uint8_t{0});
  IMB_JOB* job = IMB_GET_NEXT_JOB(manager_);
  *job = {};
  job->enc_keys = schedule.data();
  job->dec_keys = schedule.data();
  job->key_len_in_bytes = key.size();
  job->src = out.data();
  job->dst = out.data();
  job->msg_len_to_cipher_in_bytes = out.size();
  job->iv = counter.data();
  job->iv_len_in_bytes = aes_block_octets;
  job->cipher_mode = IMB_CIPHER_CNTR;
  job->cipher_direction = IMB_DIR_ENCRYPT;
  job->hash_alg = IMB_AUTH_NULL;
  job->chain_order = IMB_ORDER_CIPHER_HASH;
  job = IMB_SUBMIT_JOB(manager_);
  if (job == nullptr) job = IMB_FLUSH_JOB(manager_);
  DEMARC_CHECK(job != nullptr && job->status == IMB_STATUS_COMPLETED);
  explicit_bzero(schedule.data(), schedule.size());
}

void MultiBuffer::expand(std::span<const uint8_t> key,
                         std::span<const uint8_t, sha1_octets> auth_key, CounterKeys& keys) {
  expand_aes(manager_, key, keys.schedule.data());
  std::array<uint8_t, 64> block = {};
  std::copy(auth_key.begin(), auth_key.end(), block.begin());
  for (uint8_t& octet : block) octet ^= 0x36;
  IMB_SHA1_ONE_BLOCK(manager_, block.data(), keys.inner.data());
  for (uint8_t& octet : block) octet ^= 0x36 ^ 0x5c;
  IMB_SHA1_ONE_BLOCK(manager_, block.data(), keys.outer.data());
  explicit_bzero(block.data(), block.size());
}

void MultiBuffer::expand(std::span<const uint8_t> key, GcmKeys& keys) {
  auto* data = reinterpret_cast<gcm_key_data*>(keys.octets.data());
  if (key.size() == 16) {
    IMB_AES128_GCM_PRE(manager_, key.data(), data);
  } else {
    IMB_AES256_GCM_PRE(manager_, key.data(), data);
  }
}

// Each burst is flushed, so nothing of one packet waits for the next.
void MultiBuffer::run(std::span<CounterPass> passes, Way way) {
  std::array<IMB_JOB*, max_burst> jobs;
  while (!passes.empty()) {
    const auto count = static_cast<uint32_t>(std::min<size_t>(passes.size(), max_burst));
    DEMARC_CHECK(IMB_GET_NEXT_BURST(manager_, count, jobs.data()) == count);
    for (uint32_t i = 0; i < count; ++i) fill(*jobs[i], passes[i], way);
    uint32_t done = IMB_SUBMIT_BURST_NOCHECK(manager_, count, jobs.data());
    while (done < count) {
      const uint32_t more = IMB_FLUSH_BURST(manager_, count - done, jobs.data());
      DEMARC_CHECK(more != 0);
      done += more;
    }
    passes = passes.subspan(count);
  }
}

void MultiBuffer::run(GcmPass& pass, Way way) {
  const auto* keys = reinterpret_cast<const gcm_key_data*>(pass.keys->octets.data());
  gcm_context_data context;
  const auto function = way == Way::protect
                            ? (pass.key_octets == 16 ? manager_->gcm128_enc : manager_->gcm256_enc)
                            : (pass.key_octets == 16 ? manager_->gcm128_dec : manager_->gcm256_dec);
  function(keys, &context, pass.text, pass.text, pass.text_length, pass.iv.data(),
           pass.header.data(), pass.header.size(), pass.tag.data(), max_tag_octets);
}

}  // namespace demarc::media::srtp
