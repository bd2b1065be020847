#include "controlplane/dns/walk.h"

#include <algorithm>

namespace demarc::dns {
namespace {

// By Service: RFC 3263 sections 4.1 and 4.2.
constexpr uint16_t default_ports[] = {5060, 5060, 5061};
constexpr std::string_view wanted_services[] = {"SIP+D2U", "SIP+D2T", "SIPS+D2T"};
constexpr std::string_view service_prefixes[] = {"_sip._udp.", "_sip._tcp.", "_sips._tcp."};
constexpr unsigned max_names = 16;  // NAPTR and SRV records that are followed

class Walker {
 public:
  Walker(const Host& host, const std::function<Lookup(const Key&)>& lookup)
      : host_(host), lookup_(lookup) {}

  Walked run() {
    walked_.is_complete = true;
    if (host_.port != 0) {
      add_addresses(host_.name, host_.port, 0);
    } else {
      ask_pointers();
    }
    finish();
    return std::move(walked_);
  }

 private:
  size_t at() const { return static_cast<size_t>(host_.service); }

  // Nothing open and nothing failed is noted where the answer is used.
  const Answer* ask(const std::string& name, RecordType type) {
    const Key key{name, type};
    walked_.asked.push_back(key);
    const Lookup found = lookup_(key);
    if (found.known == Known::nothing) walked_.is_complete = false;
    if (found.known == Known::failed) walked_.has_failed = true;
    return found.known == Known::present ? found.answer : nullptr;
  }

  // RFC 3263 section 4.1: the service of our transport, in the order of the records.
  void ask_pointers() {
    const Answer* answer = ask(host_.name, RecordType::naptr);
    if (!walked_.is_complete) return;
    std::vector<Naptr> pointers;
    if (answer != nullptr) pointers = answer->pointers;
    std::erase_if(pointers, [this](const Naptr& pointer) {
      return pointer.service != wanted_services[at()] || !pointer.regexp.empty() ||
             pointer.replacement.empty() || (pointer.flags != "s" && pointer.flags != "a");
    });
    std::stable_sort(pointers.begin(), pointers.end(), [](const Naptr& a, const Naptr& b) {
      return std::pair(a.order, a.preference) < std::pair(b.order, b.preference);
    });
    if (pointers.size() > max_names) pointers.resize(max_names);
    for (const Naptr& pointer : pointers) {
      if (pointer.flags == "a") {
        add_addresses(pointer.replacement, default_ports[at()], 0);
        ++rank_;
      } else {
        ask_services(pointer.replacement);
      }
    }
    if (!walked_.choices.empty() || !walked_.is_complete) return;
    // No NAPTR that we can use: our transport's SRV, then the addresses of the name itself.
    if (!ask_services(std::string(service_prefixes[at()]) + host_.name)) {
      add_addresses(host_.name, default_ports[at()], 0);
    }
  }

  // False when the name has no SRV records; "." says that there is no service, which is an answer.
  bool ask_services(const std::string& name) {
    const Answer* answer = ask(name, RecordType::srv);
    if (answer == nullptr) return !walked_.is_complete;
    if (answer->services.empty()) return false;
    std::vector<Srv> services = answer->services;
    std::stable_sort(services.begin(), services.end(),
                     [](const Srv& a, const Srv& b) { return a.priority < b.priority; });
    if (services.size() > max_names) services.resize(max_names);
    for (size_t i = 0; i < services.size(); ++i) {
      if (i != 0 && services[i].priority != services[i - 1].priority) ++rank_;
      if (services[i].target.empty()) continue;
      add_addresses(services[i].target, services[i].port, services[i].weight);
    }
    ++rank_;
    return true;
  }

  void add_addresses(const std::string& name, uint16_t port, uint16_t weight) {
    const Answer* answer = ask(name, host_.is_v4 ? RecordType::a : RecordType::aaaa);
    if (answer == nullptr) return;
    // In an order of their own, so that a server that rotates them changes nothing.
    std::vector<contract::IpAddress> addresses = answer->addresses;
    std::sort(addresses.begin(), addresses.end());
    for (const contract::IpAddress& address : addresses) {
      const Choice choice{{address, port}, rank_, weight};
      const auto is_same = [&](const Choice& other) { return other.endpoint == choice.endpoint; };
      if (std::none_of(walked_.choices.begin(), walked_.choices.end(), is_same)) {
        walked_.choices.push_back(choice);
      }
    }
  }

  void finish() {
    std::vector<Choice>& choices = walked_.choices;
    if (choices.size() > max_choices) choices.resize(max_choices);
  }

  const Host& host_;
  const std::function<Lookup(const Key&)>& lookup_;
  Walked walked_;
  uint16_t rank_ = 0;
};

}  // namespace

Walked walk(const Host& host, const std::function<Lookup(const Key&)>& lookup) {
  return Walker(host, lookup).run();
}

}  // namespace demarc::dns
