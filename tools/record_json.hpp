#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/record.hpp"

/// Records as JSON objects, one a line: what `consume --json` prints and `produce --json` reads.
/// Pure.
namespace horolog::command {

/// With a line's end. Key and value are text, or base64 in key_base64 and value_base64 where they
/// are not UTF-8; null stays null.
void append_record_json(std::string& out, const RecordView& record);

/// A record as it was read from text; borrows from the text and from its reader.
struct InputRecord {
  std::optional<std::string_view> topic;
  PartitionIndex partition = any_partition;
  TimestampMs timestamp = no_timestamp;
  Bytes key;
  Bytes value;
  std::vector<HeaderView> headers;
};

/// Strings that were made while a record was read; they stay where they are until clear().
using Scratch = std::deque<std::string>;

/// Reads what append_record_json() writes. `offset` is passed over; a value that is not a string
/// (an object, a number) is taken as the JSON text it is. Errc::invalid_argument says which field
/// is wrong.
Status parse_record_json(std::string_view line, Scratch& scratch, InputRecord& out);

}  // namespace horolog::command
