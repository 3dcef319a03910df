#include "coordinator/group_records.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "coordinator/prefixed_bytes.hpp"

namespace horolog::coordinator {

namespace {

// Types 0 and 1 are both offset commits: Kafka bumped the type where it meant the version.
constexpr std::int16_t offset_type_old = 0;
constexpr std::int16_t offset_type = 1;
constexpr std::int16_t group_type = 2;

constexpr std::int16_t offset_value_version = 4;
constexpr std::int16_t offset_value_version_with_expiry = 1;
constexpr std::int16_t group_value_version = 3;
constexpr std::int16_t newest_value_version = 4;

template <typename T>
Result<std::optional<T>> decode_value(std::optional<ByteView> value) {
  if (!value) return std::optional<T>();
  HOROLOG_ASSIGN(const std::int16_t version, take_prefix(*value, "group record's value"));
  if (version < 0 || version > newest_value_version) {
    return Error(Errc::unsupported,
                 fmt::format("a group record's value has version {}; this build reads up to {}",
                             version, newest_value_version));
  }
  HOROLOG_ASSIGN(T decoded, wire::decode<T>(*value, version));
  return std::optional<T>(std::move(decoded));
}

Record encode(const OffsetRecord& record) {
  Record out{prefixed(offset_type, record.key, 0), std::nullopt};
  if (record.value) {
    const std::int16_t version = record.value->expire_timestamp == no_timestamp
                                     ? offset_value_version
                                     : offset_value_version_with_expiry;
    out.value = prefixed(version, *record.value, version);
  }
  return out;
}

Record encode(const GroupRecord& record) {
  wire::GroupMetadataKey key;
  key.group = record.group;
  Record out{prefixed(group_type, key, 0), std::nullopt};
  if (record.value) {
    out.value = prefixed(group_value_version, *record.value, group_value_version);
  }
  return out;
}

}  // namespace

Record encode_record(const AnyRecord& record) {
  if (const auto* offset = std::get_if<OffsetRecord>(&record)) return encode(*offset);
  const auto* group = std::get_if<GroupRecord>(&record);
  HOROLOG_ASSERT(group != nullptr);
  return encode(*group);
}

Result<AnyRecord> decode_record(ByteView key, std::optional<ByteView> value) {
  HOROLOG_ASSIGN(const std::int16_t type, take_prefix(key, "group record's key"));
  switch (type) {
    case offset_type_old:
    case offset_type: {
      OffsetRecord record;
      HOROLOG_ASSIGN(record.key, wire::decode<wire::OffsetCommitKey>(key, 0));
      HOROLOG_ASSIGN(record.value, decode_value<wire::OffsetCommitValue>(value));
      return AnyRecord(std::move(record));
    }
    case group_type: {
      HOROLOG_ASSIGN(wire::GroupMetadataKey group, wire::decode<wire::GroupMetadataKey>(key, 0));
      GroupRecord record{std::move(group.group), std::nullopt};
      HOROLOG_ASSIGN(record.value, decode_value<wire::GroupMetadataValue>(value));
      return AnyRecord(std::move(record));
    }
    default:
      return AnyRecord(OtherRecord{type});
  }
}

}  // namespace horolog::coordinator
