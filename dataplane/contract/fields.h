// The descriptors of configuration fields: each field of the TOML tree once, with all that the
// parser, the API, the reference page and completion need to know of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace demarc::contract {

enum class FieldType : uint8_t {
  boolean,
  integer,     // minimum .. maximum, in `unit`
  text,        // minimum .. maximum characters
  choice,      // one of `choices`, separated by '|'
  name,        // names a block: `choices` is the block's kind ("port", "realm", "trunk")
  address,     // an IP address
  addresses,   // one or an array of them, or "192.0.2.0/28"
  port_range,  // "16384-32767", low even and high odd
  // One or an array of them, in order. An array may be empty where the field has a default.
  integers,   // each minimum .. maximum
  texts,      // each of minimum .. maximum characters
  names,      // of blocks of the kind `choices`
  endpoints,  // address or name[:port]
};

// What a change of the field needs.
enum class Change : uint8_t {
  live,     // takes effect for new calls at once
  restart,  // of the dataplane
};

// How the blocks of a kind stand in the file.
enum class BlockForm : uint8_t {
  single,    // [platform], at most one; without it every field has its default
  named,     // [trunk.NAME]
  repeated,  // [[route]], in the order of the file
};

struct BlockKind {
  std::string_view name;
  BlockForm form;
  std::string_view doc;  // one sentence
};

struct Field {
  std::string_view block;  // the name of a BlockKind
  std::string_view name;
  FieldType type;
  std::string_view unit;          // "", "ms", "MB", "octets"
  std::string_view default_text;  // as it would stand in the file; empty: none
  int64_t minimum;
  int64_t maximum;
  std::string_view choices;
  bool is_required;
  Change change;
  std::string_view doc;    // one sentence
  uint16_t most = 1024;    // elements of a list
  bool is_secret = false;  // a credential: no answer and no database shows it
};

// All of them, in the order of the reference page.
std::span<const BlockKind> block_kinds();

// All of them, in the order of the reference page.
std::span<const Field> fields();
// nullptr when the block has no such field.
const Field* find_field(std::string_view block, std::string_view name);

}  // namespace demarc::contract
