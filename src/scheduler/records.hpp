#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/types.hpp"

/// Records as the scheduler's pure parts see them: owned texts, no batches.
namespace horolog::scheduler {

/// Names may repeat; a value may be null.
struct Header {
  std::string name;
  std::optional<std::string> value;

  bool operator==(const Header&) const = default;
};
using Headers = std::vector<Header>;

/// The value of the first header of that name; nullptr without one or when it is null.
inline const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const Header& header : headers)
    if (header.name == name) return header.value ? &*header.value : nullptr;
  return nullptr;
}

/// A record to be written. nullopt = null.
struct OutRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  Headers headers;

  bool operator==(const OutRecord&) const = default;
};

/// A record that was read, with its place.
struct InRecord {
  Offset offset = 0;
  TimestampMs timestamp = no_timestamp;
  OutRecord record;
};

/// Where and when a command was sent; for one that was not forwarded, where it was read.
struct Origin {
  PartitionIndex partition = 0;
  Offset offset = 0;
  TimestampMs appended_ms = 0;

  auto operator<=>(const Origin&) const = default;
};

}  // namespace horolog::scheduler
