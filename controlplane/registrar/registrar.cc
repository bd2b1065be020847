#include "controlplane/registrar/registrar.h"

#include <algorithm>
#include <map>
#include <utility>

#include "controlplane/runtime/log.h"
#include "sip-parser/parse.h"

namespace demarc::registrar {
namespace {

using contract::Endpoint;
using contract::Transport;

constexpr uint64_t waiting_retry_s = 5;
constexpr uint32_t hour_s = 3600;

// A host of a URI, with or without brackets, as an address.
bool is_address(const std::string& host, const contract::IpAddress& address) {
  const auto parsed = contract::parse_address(host);
  return parsed && *parsed == address;
}

// "1", "0.7", "0.05".
std::string q_text(uint16_t q) {
  if (q >= 1000) return "1";
  std::string digits = std::to_string(1000 + q).substr(1);
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return "0." + digits;
}

}  // namespace

Registrar::Registrar(const std::string& path, std::string secret, const Times& times)
    : guard_(std::move(secret)), store_(path) {
  for (Binding& binding : store_.load(times.unix_ms, times.now_ms)) {
    bindings_.restore(std::move(binding), times.now_ms);
  }
}

void Registrar::adopt(Plan plan, const Times& times) {
  const std::lock_guard guard(mutex_);
  plan_ = std::move(plan);
  const std::vector<Binding> all = bindings_.all();
  for (const Binding& binding : all) {
    const auto trunk = std::find_if(plan_.begin(), plan_.end(), [&](const TrunkPlan& row) {
      return row.name == binding.trunk;
    });
    const bool stays = trunk != plan_.end() && trunk->keeps(binding.user, binding.source.address);
    if (!stays) bindings_.remove(binding.trunk, binding.user, binding.contact, times.now_ms);
  }
}

const TrunkPlan* Registrar::find(contract::TrunkId id) const {
  const auto found = std::find_if(plan_.begin(), plan_.end(),
                                  [id](const TrunkPlan& trunk) { return trunk.id == id; });
  return found == plan_.end() ? nullptr : &*found;
}

void Registrar::take(const Asked& asked, const Times& times) {
  const std::lock_guard guard(mutex_);
  Reply reply = judge(asked, times.now_ms);
  Answer answer{asked.request_id, asked.worker, reply.status_code, std::move(reply.fields)};
  const bool waits = answer.status_code == 200 && bindings_.version() > in_force_;
  if (waits) {
    waiting_.push_back(
        {std::move(answer), bindings_.version(), times.now_ms + in_force_patience_ms});
  } else {
    ready_.push_back(std::move(answer));
  }
}

Registrar::Reply Registrar::judge(const Asked& asked, uint64_t now_ms) {
  const TrunkPlan* at = find(asked.trunk);
  if (at == nullptr) return {503, "Retry-After: 10\r\n"};
  if (!guard_.is_heard(asked.source.address, now_ms)) return {};
  std::string text(asked.text);
  text.append(sip::padding_octets, '\0');
  const std::string_view view = std::string_view(text).substr(0, asked.text.size());
  sip::Message message;
  if (!sip::parse(view, message) || !message.is_request) return {400, {}};
  const RegisterRequest request = read_register(message, view);
  if (request.status_code == 420) return {420, "Unsupported: " + request.unsupported + "\r\n"};
  if (request.status_code != 0) return {request.status_code, {}};
  const Guard::Judgement judged = guard_.judge(plan_, *at, message, view, asked.source, now_ms);
  if (judged.kind != Guard::Judgement::Kind::good) return {judged.status_code, judged.fields};
  const bool is_own = request.user == judged.user;
  if (!is_own || !judged.trunk->has_source(asked.source.address)) {
    guard_.note_failure(asked.source.address, now_ms);
    return {403, {}};
  }
  return register_for({*judged.trunk, judged.user, request, asked.source}, now_ms);
}

// All of it or nothing (RFC 3261 section 10.3, step 7).
Registrar::Reply Registrar::register_for(const Proved& proved, uint64_t now_ms) {
  std::vector<Binding> wanted;
  Reply refusal = check(proved, wanted);
  if (refusal.status_code != 0) return refusal;
  carry_out(proved, wanted, now_ms);
  return {200, listing(proved, now_ms)};
}

Registrar::Reply Registrar::check(const Proved& proved, std::vector<Binding>& wanted) const {
  if (proved.request.removes_all) {
    for (const Binding& binding : bindings_.of(proved.trunk.name, proved.user)) {
      if (is_old(proved, &binding)) return {500, {}};
    }
    return {};
  }
  for (const RequestedContact& contact : proved.request.contacts) {
    Binding& binding = wanted.emplace_back();
    const Reply refusal = check_contact(proved, contact, binding);
    if (refusal.status_code != 0) return refusal;
  }
  return check_room(proved, wanted);
}

// The same Call-ID with a CSeq that is not higher: it was overtaken.
bool Registrar::is_old(const Proved& proved, const Binding* known) const {
  return known != nullptr && known->call_id == proved.request.call_id &&
         known->cseq >= proved.request.cseq;
}

Registrar::Reply Registrar::check_contact(const Proved& proved, const RequestedContact& contact,
                                          Binding& binding) const {
  const config::Registrar& settings = proved.trunk.settings;
  const RegisterRequest& request = proved.request;
  if (is_old(proved, bindings_.find(proved.trunk.name, proved.user, contact.uri))) {
    return {500, {}};
  }
  const uint32_t asked_s = contact.has_expires   ? contact.expires_s
                           : request.has_expires ? request.expires_s
                                                 : settings.expires_s;
  if (asked_s != 0 && asked_s < settings.min_s && asked_s < hour_s) {
    return {423, "Min-Expires: " + std::to_string(settings.min_s) + "\r\n"};
  }
  binding.trunk = proved.trunk.name;
  binding.user = proved.user;
  binding.contact = contact.uri;
  binding.host = contact.host;
  binding.port = contact.port == 0 ? contract::default_port(proved.trunk.transport) : contact.port;
  binding.path = request.path;
  binding.q = contact.q;
  binding.call_id = request.call_id;
  binding.cseq = request.cseq;
  binding.user_agent = request.user_agent;
  binding.interval_s = std::min(asked_s, settings.max_s);
  binding.source = proved.source;
  binding.target = proved.source;
  if (binding.interval_s == 0) return {};
  // What it says of itself never leads to another place than it proved to be at (decision D10).
  const bool has_path = !request.path.empty();
  const std::string& host = has_path ? request.path_host : contact.host;
  const uint16_t port = has_path ? request.path_port : contact.port;
  const bool is_there = is_address(host, proved.source.address);
  if (!is_there && !settings.is_behind_nat) return {403, {}};
  // A connection is the way back, and so is a port that a NAT gave.
  if (proved.trunk.transport == Transport::udp && !settings.is_behind_nat) {
    binding.target.port = port == 0 ? contract::default_port(Transport::udp) : port;
  }
  return is_anothers(proved.trunk, binding) ? Reply{403, {}} : Reply{};
}

// One source is one trunk's, or nobody could say whose call it is.
bool Registrar::is_anothers(const TrunkPlan& trunk, const Binding& binding) const {
  for (const Binding& other : bindings_.all()) {
    if (!other.is_live() || other.trunk == trunk.name) continue;
    const auto row = std::find_if(plan_.begin(), plan_.end(), [&](const TrunkPlan& candidate) {
      return candidate.name == other.trunk;
    });
    const bool is_beside = row != plan_.end() && row->is_beside(trunk);
    if (is_beside && (other.is_at(binding.target) || other.is_at(binding.source))) return true;
  }
  return false;
}

// Of one binding the newest counts; of several there are no more than there may be.
Registrar::Reply Registrar::check_room(const Proved& proved,
                                       const std::vector<Binding>& wanted) const {
  const unsigned most = proved.trunk.settings.max_bindings;
  std::vector<Binding> after = bindings_.of(proved.trunk.name, proved.user);
  size_t added = 0;
  for (const Binding& binding : wanted) {
    std::erase_if(after, [&](const Binding& known) {
      return is_same_contact(known.contact, binding.contact);
    });
    if (binding.interval_s != 0) ++added;
  }
  if (added > most || (most > 1 && after.size() + added > most)) return {403, {}};
  const size_t others =
      bindings_.of(proved.trunk.name).size() - bindings_.of(proved.trunk.name, proved.user).size();
  const size_t own = most == 1 ? added : after.size() + added;
  if (others + own > contract::max_targets_per_trunk) return {503, "Retry-After: 60\r\n"};
  return {};
}

void Registrar::carry_out(const Proved& proved, const std::vector<Binding>& wanted,
                          uint64_t now_ms) {
  const std::string& trunk = proved.trunk.name;
  const auto is_kept = [&](const Binding& known) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const Binding& binding) {
      return binding.interval_s != 0 && is_same_contact(known.contact, binding.contact);
    });
  };
  const bool has_new = std::any_of(wanted.begin(), wanted.end(),
                                   [](const Binding& binding) { return binding.interval_s != 0; });
  const bool takes_over = proved.trunk.settings.max_bindings == 1 && has_new;
  for (const Binding& known : bindings_.of(trunk, proved.user)) {
    const bool is_ended = proved.request.removes_all || (takes_over && !is_kept(known));
    if (is_ended) bindings_.remove(trunk, proved.user, known.contact, now_ms);
  }
  for (const Binding& binding : wanted) {
    if (binding.interval_s == 0) {
      bindings_.remove(trunk, proved.user, binding.contact, now_ms);
    } else {
      bindings_.accept(binding, now_ms);
    }
  }
}

std::string Registrar::listing(const Proved& proved, uint64_t now_ms) const {
  std::string lines;
  for (const Binding& binding : bindings_.of(proved.trunk.name, proved.user)) {
    const uint64_t left_ms = binding.expires_ms - std::min(binding.expires_ms, now_ms);
    lines += "Contact: <" + binding.contact + ">;expires=" + std::to_string((left_ms + 999) / 1000);
    if (binding.q != 1000) lines += ";q=" + q_text(binding.q);
    lines += "\r\n";
  }
  if (!proved.request.path.empty() && proved.request.takes_path) {
    lines += "Path: " + proved.request.path + "\r\n";
  }
  return lines;
}

std::vector<Answer> Registrar::take_answers(const Times& times) {
  const std::lock_guard guard(mutex_);
  store_.save(bindings_.take_changes(), times.unix_ms, times.now_ms);
  expire_waiting(times.now_ms);
  return std::exchange(ready_, {});
}

void Registrar::expire_waiting(uint64_t now_ms) {
  for (auto row = waiting_.begin(); row != waiting_.end();) {
    const bool is_in_force = row->version <= in_force_;
    if (!is_in_force && row->until_ms > now_ms) {
      ++row;
      continue;
    }
    if (!is_in_force) {
      row->answer.status_code = 503;
      row->answer.fields = "Retry-After: " + std::to_string(waiting_retry_s) + "\r\n";
    }
    ready_.push_back(std::move(row->answer));
    row = waiting_.erase(row);
  }
}

void Registrar::tick(const Times& times) {
  const std::lock_guard guard(mutex_);
  bindings_.tick(times.now_ms);
}

void Registrar::forget(const std::function<bool(const std::string& trunk)>& has_calls,
                       const Times& times) {
  const std::lock_guard guard(mutex_);
  bindings_.forget(has_calls, times.now_ms);
}

uint64_t Registrar::version() const {
  const std::lock_guard guard(mutex_);
  return bindings_.version();
}

void Registrar::in_force(uint64_t version, const Times& times) {
  const std::lock_guard guard(mutex_);
  in_force_ = std::max(in_force_, version);
  bindings_.in_force(in_force_, times.now_ms);
}

std::vector<trunks::BoundPlace> Registrar::bound(const std::string& trunk) const {
  const std::lock_guard guard(mutex_);
  std::vector<trunks::BoundPlace> places;
  for (const Binding& binding : bindings_.all()) {
    if (binding.trunk != trunk || binding.state == State::absent) continue;
    places.push_back({binding.target, binding.source, binding.host, binding.port, binding.path,
                      priority_of(binding.q), !binding.is_live()});
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const trunks::BoundPlace& a, const trunks::BoundPlace& b) {
                     return std::pair(a.is_over, a.priority) < std::pair(b.is_over, b.priority);
                   });
  return places;
}

std::vector<BindingView> Registrar::view(const Times& times) const {
  const std::lock_guard guard(mutex_);
  std::vector<BindingView> rows;
  for (const Binding& binding : bindings_.all()) {
    const uint64_t left_ms = binding.expires_ms - std::min(binding.expires_ms, times.now_ms);
    rows.push_back({binding.trunk, binding.user, binding.contact, binding.target, binding.path,
                    binding.user_agent, binding.q, binding.state,
                    binding.is_live() ? (left_ms + 999) / 1000 : 0, binding.source});
  }
  return rows;
}

BindingCounts Registrar::counts() const {
  const std::lock_guard guard(mutex_);
  BindingCounts counts;
  for (const Binding& binding : bindings_.all()) ++counts[binding.trunk];
  return counts;
}

std::vector<std::string> bindings_touched(const config::Config& before, const config::Config& after,
                                          const std::vector<BindingView>& bindings) {
  std::map<std::string, TrunkPlan> were;
  std::map<std::string, TrunkPlan> are;
  for (TrunkPlan& row : make_plan(before)) were[row.name] = std::move(row);
  for (TrunkPlan& row : make_plan(after)) are[row.name] = std::move(row);
  std::vector<std::string> touched;
  for (const BindingView& binding : bindings) {
    const auto was = were.find(binding.trunk);
    if (was == were.end() || binding.state != State::bound) continue;
    const auto is = are.find(binding.trunk);
    const bool stays = is != are.end() && is->second.keeps(binding.user, binding.source.address) &&
                       is->second.is_beside(was->second);
    if (!stays) touched.push_back(binding.trunk + "/" + binding.user);
  }
  return touched;
}

}  // namespace demarc::registrar
