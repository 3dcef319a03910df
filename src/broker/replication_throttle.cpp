#include "broker/replication_throttle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace horolog::broker {
namespace {

constexpr ReplicationThrottle throttles[] = {
    {"leader.replication.throttled.rate",
     "Bytes a second that leaders send to throttled replicas. Nothing is replicated here."},
    {"follower.replication.throttled.rate",
     "Bytes a second that throttled followers receive. Nothing is replicated here."},
    {"replica.alter.log.dirs.io.max.bytes.per.second",
     "Bytes a second for moves between log directories. There is one directory."},
};

}  // namespace

std::span<const ReplicationThrottle> replication_throttles() { return throttles; }

bool is_replication_throttle(std::string_view name) {
  return std::any_of(std::begin(throttles), std::end(throttles),
                     [&](const ReplicationThrottle& throttle) { return throttle.name == name; });
}

Status check_replication_throttle(std::string_view name, const std::string& value) {
  std::int64_t rate = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, rate);
  if (error != std::errc{} || stopped != end) {
    return Error(Errc::invalid_argument,
                 fmt::format("Invalid value {} for configuration {}: Not a number of type LONG",
                             value, name));
  }
  if (rate < 0) {
    return Error(Errc::invalid_argument,
                 fmt::format("Invalid value {} for configuration {}: Value must be at least 0",
                             value, name));
  }
  return {};
}

}  // namespace horolog::broker
