#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "horolog/options.hpp"
#include "horolog/types.hpp"

namespace horolog {

/// auto.offset.reset: where to start without a committed offset, and when the position is outside
/// what the log has.
enum class OffsetReset : std::uint8_t {
  earliest,
  latest,
  none,  ///< neither: poll() gives Errc::out_of_range until the application seeks
};

/// What a consumer is and how it reads. Kafka's names stand beside the fields, whose defaults are
/// Kafka's.
struct ConsumerOptions {
  /// Not used when the consumer is opened on a Cluster that others use as well.
  ClientOptions client{};

  /// group.id. Empty: no group, so neither subscribe() nor commits; assign() and seek() do.
  std::string group{};
  /// group.instance.id: a static member, whose partitions wait for it over a restart (KIP-345).
  std::optional<std::string> instance_id{};
  /// Subscribed at once, if there are any.
  std::vector<std::string> topics{};
  /// partition.assignment.strategy: range, roundrobin, sticky, cooperative-sticky, in the order of
  /// preference. Rebalances are cooperative only when all of them are.
  std::vector<std::string> assignors{"range", "cooperative-sticky"};
  /// session.timeout.ms, heartbeat.interval.ms, max.poll.interval.ms
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds heartbeat_interval{3'000};
  std::chrono::milliseconds max_poll_interval{300'000};

  /// enable.auto.commit: poll() commits what earlier polls gave out, every
  /// auto.commit.interval.ms; so do revocation and close().
  bool auto_commit = true;
  std::chrono::milliseconds auto_commit_interval{5'000};
  OffsetReset offset_reset = OffsetReset::latest;
  /// isolation.level
  Isolation isolation = Isolation::read_uncommitted;

  /// max.poll.records: the most that one poll() gives.
  std::size_t max_poll_records = 500;
  /// fetch.min.bytes, fetch.max.wait.ms, fetch.max.bytes, max.partition.fetch.bytes
  std::int32_t fetch_min_bytes = 1;
  std::chrono::milliseconds fetch_max_wait{500};
  std::int32_t fetch_max_bytes = 50 * 1024 * 1024;
  std::int32_t partition_max_bytes = 1024 * 1024;
  /// How many fetched bytes may wait for poll(); at least one batch is always let in.
  std::size_t buffered_bytes = std::size_t{64} * 1024 * 1024;
  /// check.crcs
  bool check_crcs = true;
};

using Offsets = std::map<TopicPartition, CommittedOffset>;

/// What a look-up by time found.
struct OffsetAtTime {
  Offset offset = no_offset;
  TimestampMs timestamp = no_timestamp;
  LeaderEpoch leader_epoch = -1;
  bool operator==(const OffsetAtTime&) const = default;
};

/// Told of changes of a group's assignment, inside poll() and close(), on their thread; may call
/// the consumer, but for poll() and close(). Each may be missing.
struct RebalanceListener {
  using Told = std::function<void(const std::vector<TopicPartition>&)>;
  /// These came, besides what was there. Also called with none, at the end of every rebalance.
  Told assigned;
  /// These go to others when this returns; commits of them are still good.
  Told revoked;
  /// These went already (the session expired, the member was fenced): commits of them will fail.
  /// When missing, `revoked` is called.
  Told lost;
};

/// How a commit without waiting ended. On the thread of poll(), commit() or close().
using CommitDone = std::function<void(Status)>;

}  // namespace horolog
