#include "dataplane/transaction/layer_harness.h"

#include <utility>

#include "sip-parser/validate.h"

namespace demarc::transaction {
namespace {

// A datagram with its padding, parsed.
struct Parsed {
  explicit Parsed(const std::string& text) : octets(text + std::string(64, 'x')) {
    datagram = std::string_view(octets).substr(0, text.size());
    EXPECT_TRUE(sip::parse(datagram, message).has_value()) << text;
    static_cast<void>(sip::validate(message, datagram, essentials));
    EXPECT_TRUE(essentials.has_via) << text;
  }
  std::string octets;
  std::string_view datagram;
  sip::Message message;
  sip::Essentials essentials;
};

}  // namespace

std::string RequestText::text() const {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + sent_by + branch +
         "\r\nMax-Forwards: 69\r\nFrom: " + from + "\r\nTo: " + to + "\r\nCall-ID: " + call_id +
         "\r\nCSeq: " + cseq + " " + (cseq_method.empty() ? method : cseq_method) + "\r\n" + more +
         "Content-Length: 0\r\n\r\n";
}

RequestText ack_of(RequestText invite, const std::string& to_tag) {
  invite.method = "ACK";
  invite.to += ";tag=" + to_tag;
  return invite;
}

std::string ResponseText::text() const {
  return "SIP/2.0 " + std::to_string(status_code) + " Reason\r\nVia: SIP/2.0/UDP sbc.example" +
         branch + "\r\nFrom: <sip:a@sbc.example>;tag=f\r\nTo: " + to +
         "\r\nCall-ID: c\r\nCSeq: 1 " + cseq_method + "\r\nContent-Length: 0\r\n\r\n";
}

void LayerTest::build(const Capacity& capacity) {
  datagram_capacity_ = capacity.datagrams;
  const size_t needed = memory::DatagramPool::octets_needed(capacity.datagrams) +
                        TimerWheel::octets_needed(capacity.timers) +
                        Layer::octets_needed(capacity.transactions);
  layer_.reset();
  storage_.assign(needed + memory::cache_line, std::byte{});
  const auto address = reinterpret_cast<uintptr_t>(storage_.data());
  const size_t skip = (memory::cache_line - address % memory::cache_line) % memory::cache_line;
  arena_ = std::make_unique<memory::Arena>(std::span(storage_).subspan(skip, needed));
  datagrams_ = std::make_unique<memory::DatagramPool>(*arena_, capacity.datagrams);
  timers_ = std::make_unique<TimerWheel>(*arena_, capacity.timers, now());
  outbox_ = std::make_unique<Outbox>(*datagrams_);
  layer_ = std::make_unique<Layer>(*arena_, capacity.transactions, *datagrams_, *timers_, *outbox_,
                                   SipHashKey{11, 12});
  EXPECT_EQ(arena_->used(), needed);
}

void LayerTest::TearDown() {
  pass(64 * t1 + 100);
  EXPECT_EQ(layer_->live(), 0u);
  EXPECT_EQ(timers_->live(), 0u);
  release_datagrams();
  EXPECT_EQ(datagrams_->free_count(), datagram_capacity_);
}

Layer::Request LayerTest::receive_request(const RequestText& request, contract::TrunkId from) {
  const Parsed parsed(request.text());
  const Layer::Request result = layer_->receive_request(
      parsed.message, parsed.datagram, parsed.essentials, path_, timing_, from, now());
  collect();
  return result;
}

Layer::Response LayerTest::receive_response(const ResponseText& response, contract::TrunkId from) {
  const Parsed parsed(response.text());
  const Layer::Response result =
      layer_->receive_response(parsed.message, parsed.datagram, parsed.essentials, from, now());
  collect();
  return result;
}

TransactionId LayerTest::find_cancelled(const RequestText& cancel, contract::TrunkId from) {
  const Parsed parsed(cancel.text());
  return layer_->find_cancelled(parsed.message, parsed.datagram, parsed.essentials, from);
}

TransactionId LayerTest::start(sip::Method method, const RequestText& request) {
  const memory::DatagramId datagram = datagrams_->keep(request.text());
  const Identity identity{"c", "f", {}, 1};  // as ResponseText has it
  const TransactionId id =
      layer_->start(method, "z9hG4bKours", identity, datagram, path_, timing_, trunk, now());
  datagrams_->release(datagram);
  collect();
  return id;
}

void LayerTest::respond(TransactionId id, const ResponseText& response) {
  const memory::DatagramId datagram = datagrams_->keep(response.text());
  layer_->respond(id, static_cast<uint16_t>(response.status_code), datagram, now());
  datagrams_->release(datagram);
  collect();
}

void LayerTest::exhaust_datagrams() {
  for (;;) {
    const memory::DatagramId id = datagrams_->keep("x");
    if (id == memory::DatagramId::none) return;
    taken_.push_back(id);
  }
}

void LayerTest::release_datagrams() {
  for (const memory::DatagramId id : taken_) datagrams_->release(id);
  taken_.clear();
}

void LayerTest::pass(int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    ++time_;
    std::array<TimerEvent, 4> events;
    uint32_t fired = 0;
    do {
      fired = timers_->expire(now(), events);
      for (uint32_t e = 0; e < fired; ++e) {
        const Layer::Expiry expiry = layer_->on_timer(events[e], now());
        if (expiry.kind != Layer::Expiry::Kind::none) expiries_.push_back(expiry);
      }
    } while (fired == events.size());
    collect();
  }
}

void LayerTest::collect() {
  for (const Send& send : outbox_->sends()) {
    EXPECT_EQ(send.trunk, trunk);
    EXPECT_EQ(send.path.remote, path_.remote);
    sent_.push_back({time_, std::string(datagrams_->octets(send.datagram)), send.is_again});
  }
  outbox_->clear();
}

std::vector<LayerTest::Sent> LayerTest::take_sent() {
  return std::exchange(sent_, {});
}

std::string LayerTest::take_ladder() {
  std::string ladder;
  for (const Sent& sent : take_sent()) {
    std::string_view line = sent.text;
    if (line.starts_with("SIP/2.0 ")) line.remove_prefix(8);
    if (!ladder.empty()) ladder += ", ";
    ladder += std::to_string(sent.time) + " " + std::string(line.substr(0, line.find(' ')));
    if (sent.is_again) ladder += " again";
  }
  return ladder;
}

}  // namespace demarc::transaction
