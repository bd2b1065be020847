#include "controlplane/cli/format.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "controlplane/cli/table.h"

namespace demarc::cli {
namespace {

using json = nlohmann::ordered_json;

json parse(const std::string& body) {
  json document = json::parse(body, nullptr, false);
  if (!document.is_object()) throw std::runtime_error("the service did not answer with JSON");
  return document;
}

// One value as a cell: "-" for null (the table does that), groups of three for counts.
std::string cell(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_unsigned()) return grouped(value.get<uint64_t>());
  return value.dump();
}

void add_list(Table& table, const std::string& name, const json& array) {
  if (array.empty()) return table.add({name, "none"});
  for (const json& element : array) table.add({name, cell(element)});
}

void add_counters(Table& table, const std::string& owner, const std::string& prefix,
                  const json& counters) {
  for (const auto& [name, value] : counters.items()) {
    if (value.is_object()) {
      add_counters(table, owner, prefix + name + ".", value);
    } else if (name != "name" && name != "id" && value != 0) {
      table.add({owner, prefix + name, cell(value)});
    }
  }
}

}  // namespace

std::string format_status(const std::string& body, bool is_coloured) {
  const json document = parse(body);
  Table table({{"what"}, {"value"}});
  table.add({"ready", cell(document.at("ready"))});
  table.add({"version", cell(document.at("version"))});
  for (const auto& [name, value] : document.at("dataplane").items()) {
    table.add({"dataplane " + name, cell(value)});
  }
  for (const auto& [name, value] : document.at("calls").items()) {
    table.add({"calls " + name, cell(value)});
  }
  for (const auto& [name, value] : document.at("config").items()) {
    if (value.is_array()) {
      add_list(table, "config " + name, value);
    } else {
      table.add({"config " + name, cell(value)});
    }
  }
  for (const auto& [name, value] : document.at("records").items()) {
    table.add({"records " + name, cell(value)});
  }
  return table.text(is_coloured);
}

namespace {

// The limits that there are of trunks and groups, and what is left of each.
class LimitTable {
 public:
  void add_trunk(const json& trunk) {
    if (trunk.at("limits").is_null()) return;
    const std::string owner = cell(trunk.at("name"));
    const json& limits = trunk.at("limits");
    add_all(owner, limits);
    for (const json& row : limits.at("prefixes")) {
      const std::string prefix = cell(row.at("prefix"));
      const std::string what = prefix.empty() ? "calls to other numbers" : "calls to " + prefix;
      add_count(owner, what, row.at("calls"));
      add_rate(owner, what + " a second", row.at("rate"));
    }
  }
  void add_group(const json& group) {
    const std::string owner = "group " + cell(group.at("name"));
    add_all(owner, group);
    add_rate(owner, "calls a second", group.at("rate"));
  }
  // Empty when there are none.
  std::string text(bool is_coloured) const {
    return is_empty_ ? std::string() : "\n" + table_.text(is_coloured);
  }

 private:
  // What trunks and groups have alike.
  void add_all(const std::string& owner, const json& limits) {
    add_count(owner, "calls", limits.at("calls"));
    add_count(owner, "calls from the peer", limits.at("calls_in"));
    add_count(owner, "calls to the peer", limits.at("calls_out"));
    add_rate(owner, "calls from the peer a second", limits.at("rate_in"));
    add_rate(owner, "calls to the peer a second", limits.at("rate_out"));
    add_count(owner, "bandwidth, kbit/s", limits.at("bandwidth_kbps"));
  }
  void add_count(const std::string& owner, const std::string& what, const json& room) {
    if (room.at("limit").is_null()) return;
    add({owner, what, cell(room.at("live")), cell(room.at("limit")), cell(room.at("headroom"))});
  }
  // What a rate leaves is how many calls may come at once now.
  void add_rate(const std::string& owner, const std::string& what, const json& rate) {
    if (rate.is_null()) return;
    add({owner, what, "", cell(rate.at("per_second")), cell(rate.at("headroom"))});
  }
  void add(std::vector<std::string> row) {
    table_.add(std::move(row));
    is_empty_ = false;
  }

  Table table_{{{"trunk"}, {"limit of"}, {"live", true}, {"limit", true}, {"left", true}}};
  bool is_empty_ = true;
};

// What speaks against a target, a line of its own; empty when nothing does.
std::string reason_of(const json& trunk, const json& target) {
  const json* proof = target.contains("proof") ? &target.at("proof") : nullptr;
  if (proof == nullptr || !proof->is_object() || !proof->contains("reason")) return {};
  const json& reason = proof->at("reason");
  if (!reason.is_string()) return {};
  return cell(trunk.at("name")) + " " + cell(target.at("address")) + ": " + cell(reason) + "\n";
}

}  // namespace

std::string format_trunks(const std::string& body, bool is_coloured) {
  Table table({{"trunk"},
               {"state"},
               {"realm"},
               {"local"},
               {"peer"},
               {"health"},
               {"live calls", true},
               {"max calls", true}});
  const json document = parse(body);
  std::string reasons;
  LimitTable limits;
  for (const json& trunk : document.at("trunks")) {
    std::string health;
    for (const json& target : trunk.at("targets")) {
      health += (health.empty() ? "" : " ") + cell(target.at("health"));
      reasons += reason_of(trunk, target);
    }
    table.add({cell(trunk.at("name")), cell(trunk.at("state")), cell(trunk.at("realm")),
               cell(trunk.at("local")), cell(trunk.at("peer")), health,
               cell(trunk.at("live_calls")), cell(trunk.at("max_calls"))});
    limits.add_trunk(trunk);
  }
  if (!document.at("groups").is_null()) {
    for (const json& group : document.at("groups")) limits.add_group(group);
  }
  return table.text(is_coloured) + reasons + limits.text(is_coloured);
}

std::string text_of_trace(const std::string& body) {
  return nlohmann::json::parse(body).value("text", "");
}

std::string format_dns(const std::string& body, bool is_coloured) {
  const json document = parse(body);
  Table hosts({{"host"}, {"address"}, {"priority", true}, {"weight", true}});
  for (const json& host : document.at("hosts")) {
    std::string name = cell(host.at("name"));
    if (!host.at("port").is_null()) name += ":" + std::to_string(host.at("port").get<unsigned>());
    if (host.at("targets").empty()) hosts.add({name, "", "", ""});
    for (const json& target : host.at("targets")) {
      hosts.add({name, cell(target.at("address")), cell(target.at("priority")),
                 cell(target.at("weight"))});
    }
  }
  Table questions({{"question"},
                   {"type"},
                   {"state"},
                   {"TTL left, s", true},
                   {"records", true},
                   {"last error"}});
  for (const json& row : document.at("questions")) {
    const bool is_stale = row.at("stale").get<bool>();
    questions.add({cell(row.at("name")), cell(row.at("type")),
                   is_stale ? "stale" : cell(row.at("state")), cell(row.at("ttl_left_s")),
                   cell(row.at("records")), cell(row.at("last_error"))});
  }
  return hosts.text(is_coloured) + "\n" + questions.text(is_coloured);
}

std::string format_registrations(const std::string& body, bool is_coloured) {
  Table table({{"trunk"},
               {"address of record"},
               {"state"},
               {"expires, s", true},
               {"next action, s", true},
               {"target"},
               {"last answer"}});
  const json document = parse(body);
  for (const json& row : document.at("registrations")) {
    table.add({cell(row.at("trunk")), cell(row.at("aor")), cell(row.at("state")),
               cell(row.at("expires_s")), cell(row.at("next_action_s")), cell(row.at("target")),
               cell(row.at("last_answer"))});
  }
  return table.text(is_coloured);
}

std::string format_bindings(const std::string& body, bool is_coloured) {
  Table table({{"trunk"},
               {"user"},
               {"state"},
               {"target"},
               {"q", true},
               {"expires, s", true},
               {"contact"},
               {"user agent"}});
  const json document = parse(body);
  for (const json& row : document.at("bindings")) {
    table.add({cell(row.at("trunk")), cell(row.at("user")), cell(row.at("state")),
               cell(row.at("target")), cell(row.at("q")), cell(row.at("expires_s")),
               cell(row.at("contact")), cell(row.at("user_agent"))});
  }
  return table.text(is_coloured);
}

std::string format_calls(const std::string& body, bool is_coloured) {
  Table table({{"call"},
               {"phase"},
               {"from"},
               {"to"},
               {"calling"},
               {"called"},
               {"started"},
               {"RTP in, packets", true},
               {"RTP out, packets", true},
               {"lost, packets", true}});
  const json document = parse(body);
  for (const json& call : document.at("calls")) {
    const json& media = call.at("totals");
    table.add({cell(call.at("id")), cell(call.at("phase")), cell(call.at("from")),
               cell(call.at("to")), cell(call.at("calling")), cell(call.at("called")),
               cell(call.at("started")), cell(media.at(0).at("packets_in")),
               cell(media.at(1).at("packets_in")),
               grouped(media.at(0).at("rtp_lost").get<uint64_t>() +
                       media.at(1).at("rtp_lost").get<uint64_t>())});
  }
  return table.text(is_coloured);
}

namespace {

// One m-line, as both sides send it.
std::string media_text(const json& media, bool is_coloured) {
  Table table({{"what"}, {"from the caller"}, {"from the called"}});
  const auto add = [&](const std::string& what, const json& caller, const json& called) {
    table.add({what, cell(caller), cell(called)});
  };
  for (const char* name : {"verdict", "direction", "remote", "source", "seen", "refused",
                           "first_packet", "last_packet", "packets_in", "packets_relayed"}) {
    add(name, media.at(0).at(name), media.at(1).at(name));
  }
  for (const auto& [name, count] : media.at(0).at("drops").items()) {
    const json& back = media.at(1).at("drops").at(name);
    if (count != 0 || back != 0) add("dropped, " + name, count, back);
  }
  for (const char* name : {"codec", "loss", "round_trip_ms", "mos_lq", "mos_cq"}) {
    add(name, media.at(0).at("quality").at(name), media.at(1).at("quality").at(name));
  }
  return table.text(is_coloured) + cell(media.at(0).at("why")) + "\n" +
         cell(media.at(1).at("why")) + "\n";
}

}  // namespace

std::string format_audio(const std::string& body, bool is_coloured) {
  const json document = parse(body);
  const json& streams = document.at("streams");
  if (streams.size() < 2) return media_text(document.at("media"), is_coloured);
  std::string text;
  for (const json& stream : streams) {
    text.append(text.empty() ? "" : "\n").append("m-line ").append(cell(stream.at("m_line")));
    text.append(": ").append(cell(stream.at("kind"))).append("\n");
    text.append(media_text(stream.at("media"), is_coloured));
  }
  return text;
}

std::string format_workers(const std::string& body, bool is_coloured) {
  Table table({{"worker"},
               {"live calls", true},
               {"packets", true},
               {"delay p50, us", true},
               {"p99, us", true},
               {"p99.99, us", true},
               {"max, us", true}});
  const json document = parse(body);
  for (const json& worker : document.at("workers")) {
    const json& delay = worker.at("relay_delay_us");
    table.add({cell(worker.at("worker")), cell(worker.at("live_calls")), cell(delay.at("packets")),
               cell(delay.at("p50")), cell(delay.at("p99")), cell(delay.at("p99_99")),
               cell(delay.at("max"))});
  }
  return table.text(is_coloured);
}

std::string format_counters(const std::string& body, bool is_coloured) {
  const json document = parse(body);
  Table table({{"of"}, {"counter"}, {"count", true}});
  add_counters(table, "all workers", "", document.at("total"));
  add_counters(table, "connections", "", document.at("streams"));
  for (const json& trunk : document.at("trunks")) {
    add_counters(table, "trunk " + cell(trunk.at("name")), "", trunk);
  }
  return table.text(is_coloured) + "(counters that are 0 are not shown)\n";
}

std::string next_cursor(const std::string& body) {
  return cell(parse(body).at("next_cursor"));
}

std::string join_calls(std::span<const std::string> pages) {
  json all = {{"calls", json::array()}, {"next_cursor", nullptr}};
  json& calls = all["calls"];
  for (const std::string& page : pages) {
    json document = parse(page);
    for (json& call : document.at("calls")) calls.push_back(std::move(call));
    all["next_cursor"] = document.at("next_cursor");
  }
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string problem_text(const std::string& body) {
  const json document = json::parse(body, nullptr, false);
  if (document.is_object() && document.contains("detail")) return cell(document["detail"]);
  return body.substr(0, 200);
}

}  // namespace demarc::cli
