#include "controlplane/dns/kept_choices.h"

#include <nlohmann/json.hpp>

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"

namespace demarc::dns {
namespace {

using json = nlohmann::ordered_json;

constexpr size_t max_file_octets = 64u << 20;

// "sip.example:5060/4", port 0 where none is given; TCP and TLS add "t" and "s".
std::string key_of(const Host& host) {
  return host.name + ":" + std::to_string(host.port) + (host.is_v4 ? "/4" : "/6") +
         (host.service == Service::udp   ? ""
          : host.service == Service::tcp ? "t"
                                         : "s");
}

Choice choice_of(const json& row) {
  const auto endpoint = contract::parse_endpoint(row.at("address").get<std::string>(), 0);
  if (!endpoint || !endpoint->address.is_unicast() || endpoint->port == 0) {
    throw std::runtime_error("an address that is none");
  }
  return {*endpoint, row.at("priority").get<uint16_t>(), row.at("weight").get<uint16_t>()};
}

}  // namespace

KeptChoices::KeptChoices(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  try {
    const auto text = runtime::read_file(path_, max_file_octets);
    if (!text) return;
    const json document = json::parse(*text);
    for (const auto& [host, rows] : document.items()) {
      for (const json& row : rows) {
        if (by_host_[host].size() < max_choices) by_host_[host].push_back(choice_of(row));
      }
    }
  } catch (const std::exception& error) {
    by_host_.clear();
    runtime::log(runtime::Level::error, "dns", path_ + " can not be used: " + error.what());
  }
}

std::vector<Choice> KeptChoices::of(const Host& host) const {
  const auto found = by_host_.find(key_of(host));
  return found == by_host_.end() ? std::vector<Choice>() : found->second;
}

void KeptChoices::note(const Host& host, const std::vector<Choice>& choices) {
  by_host_[key_of(host)] = choices;
}

void KeptChoices::save() const {
  if (path_.empty()) return;
  json document = json::object();
  for (const auto& [host, choices] : by_host_) {
    json& rows = document[host] = json::array();
    for (const Choice& choice : choices) {
      rows.push_back({{"address", std::string(contract::print(choice.endpoint).view())},
                      {"priority", choice.priority},
                      {"weight", choice.weight}});
    }
  }
  try {
    runtime::replace_file(path_, document.dump(1) + "\n");
  } catch (const runtime::FileError& error) {
    runtime::log(runtime::Level::error, "dns", error.what());
  }
}

}  // namespace demarc::dns
