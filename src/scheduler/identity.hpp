#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "horolog/types.hpp"

namespace horolog::scheduler {

/// A UUID as RFC 9562 writes it: 8-4-4-4-12 lower-case hexadecimal digits.
std::string uuid_text(const Uuid& id);

/// UUID version 5 (RFC 9562): SHA-1 of the namespace and the name.
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

/// The namespace of all fire ids. Fixed for ever: another one would make every fire a new one.
inline constexpr Uuid fire_id_namespace{{0x6b, 0x1f, 0x6d, 0x0e, 0x5c, 0x52, 0x4f, 0x0b, 0x9a, 0x37,
                                         0x2d, 0x84, 0x0e, 0xc1, 0x77, 0x43}};

/// The identity of one fire: `key NUL generation NUL nominal-ms`, in decimal ASCII.
std::string fire_id(std::string_view key, Offset generation, TimestampMs nominal_ms);

/// Of one that a condition fired: `key NUL generation NUL cause`.
std::string condition_fire_id(std::string_view key, Offset generation, std::string_view cause);

/// The identity of a task that nobody scheduled: `topic NUL partition NUL offset`.
std::string produced_fire_id(std::string_view topic, PartitionIndex partition, Offset offset);

/// The partition whose owner decides about this schedule.
PartitionIndex canonical_partition(std::string_view key, std::int32_t partitions);

}  // namespace horolog::scheduler
