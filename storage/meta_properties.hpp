#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

namespace horolog::storage {

/// meta.properties: whose data directory this is. Kafka's file (Java properties, version 1).
struct MetaProperties {
  std::string cluster_id;  ///< 22 characters of base64 in directories of ours
  std::int32_t node_id = 1;
  Uuid directory_id;

  bool operator==(const MetaProperties&) const = default;
};

inline constexpr int meta_properties_version = 1;

std::string format_meta_properties(const MetaProperties& meta);
/// `path` is for messages. Errc::corrupt names the line or the missing key; Errc::unsupported for
/// another version.
Result<MetaProperties> parse_meta_properties(ByteView text, const std::string& path);

}  // namespace horolog::storage
