#include "broker/group_config.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace horolog::broker {
namespace {

using enum storage::ConfigType;

constexpr GroupConfigSpec specs[] = {
    {"consumer.assignment.interval.ms", integer, "1000", "group.consumer.assignment.interval.ms",
     "Time between two assignments of a consumer group."},
    {"consumer.heartbeat.interval.ms", integer, "5000", "group.consumer.heartbeat.interval.ms",
     "Heartbeat interval given to members of a consumer group.", 5'000, 15'000,
     "group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", integer, "45000", "group.consumer.session.timeout.ms",
     "A member of a consumer group that is silent for this long is removed.", 45'000, 60'000,
     "group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"},
    {"share.assignment.interval.ms", integer, "1000", "group.share.assignment.interval.ms",
     "Time between two assignments of a share group."},
    {"share.auto.offset.reset", string, "latest", "share.auto.offset.reset",
     "Where a share group starts in a partition it has not read: earliest, latest or by_duration."},
    {"share.delivery.count.limit", integer, "5", "group.share.delivery.count.limit",
     "Delivery attempts of a record in a share group.", 2, 10,
     "group.share.min.delivery.count.limit", "group.share.max.delivery.count.limit"},
    {"share.heartbeat.interval.ms", integer, "5000", "group.share.heartbeat.interval.ms",
     "Heartbeat interval given to members of a share group.", 5'000, 15'000,
     "group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"},
    {"share.isolation.level", string, "read_uncommitted", "share.isolation.level",
     "Whether a share group sees records of transactions that are not committed."},
    {"share.partition.max.record.locks", integer, "2000", "group.share.partition.max.record.locks",
     "Records of a partition that a share group may hold at once.", 100, 10'000,
     "group.share.min.partition.max.record.locks", "group.share.max.partition.max.record.locks"},
    {"share.record.lock.duration.ms", integer, "30000", "group.share.record.lock.duration.ms",
     "How long a member of a share group may hold a record.", 15'000, 60'000,
     "group.share.min.record.lock.duration.ms", "group.share.max.record.lock.duration.ms"},
    {"share.renew.acknowledge.enable", boolean, "true", "share.renew.acknowledge.enable",
     "Whether members of a share group may extend their hold of a record."},
    {"share.session.timeout.ms", integer, "45000", "group.share.session.timeout.ms",
     "A member of a share group that is silent for this long is removed.", 45'000, 60'000,
     "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"streams.assignment.interval.ms", integer, "1000", "group.streams.assignment.interval.ms",
     "Time between two assignments of a streams group."},
    {"streams.heartbeat.interval.ms", integer, "5000", "group.streams.heartbeat.interval.ms",
     "Heartbeat interval given to members of a streams group.", 5'000, 15'000,
     "group.streams.min.heartbeat.interval.ms", "group.streams.max.heartbeat.interval.ms"},
    {"streams.initial.rebalance.delay.ms", integer, "3000",
     "group.streams.initial.rebalance.delay.ms",
     "How long the first rebalance of a streams group waits for more members."},
    {"streams.num.standby.replicas", integer, "0", "group.streams.num.standby.replicas",
     "Standby replicas of a streams task.", 0, 2, "", "group.streams.max.standby.replicas"},
    {"streams.session.timeout.ms", integer, "45000", "group.streams.session.timeout.ms",
     "A member of a streams group that is silent for this long is removed.", 45'000, 60'000,
     "group.streams.min.session.timeout.ms", "group.streams.max.session.timeout.ms"},
};

Error invalid(std::string_view name, const std::string& value, std::string_view why) {
  return Error(Errc::invalid_argument,
               fmt::format("Invalid value {} for configuration {}: {}", value, name, why));
}

Status check_integer(const GroupConfigSpec& spec, const std::string& value) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) {
    return invalid(spec.name, value, "Not a number of type INT");
  }
  if (number < spec.min) {
    if (spec.min_name.empty()) {
      return invalid(spec.name, value, fmt::format("Value must be at least {}", spec.min));
    }
    return Error(Errc::invalid_argument,
                 fmt::format("{} must be greater than or equal to {}", spec.name, spec.min_name));
  }
  if (number > spec.max) {
    return Error(Errc::invalid_argument,
                 fmt::format("{} must be less than or equal to {}", spec.name, spec.max_name));
  }
  return {};
}

Status check_text(const GroupConfigSpec& spec, const std::string& value) {
  if (spec.type == boolean) {
    if (value == "true" || value == "false") return {};
    return invalid(spec.name, value, "Expected value to be either true or false");
  }
  if (spec.name == "share.isolation.level") {
    if (value == "read_committed" || value == "read_uncommitted") return {};
    return invalid(spec.name, value,
                   "String must be one of (case insensitive): READ_UNCOMMITTED, READ_COMMITTED");
  }
  if (value == "earliest" || value == "latest" || value.starts_with("by_duration:P")) return {};
  return invalid(spec.name, value,
                 fmt::format("Invalid value `{}` for configuration {}. The value must be either "
                             "'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
                             value, spec.name));
}

}  // namespace

std::span<const GroupConfigSpec> group_config_specs() { return specs; }

Status check_group_config(std::string_view name, const std::string& value) {
  for (const GroupConfigSpec& spec : specs) {
    if (spec.name != name) continue;
    return spec.type == integer ? check_integer(spec, value) : check_text(spec, value);
  }
  return Error(Errc::invalid_argument, fmt::format("Unknown group config name: {}", name));
}

}  // namespace horolog::broker
