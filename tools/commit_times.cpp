#include "tools/commit_times.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "horolog/consumer.hpp"
#include "protocol/codec.hpp"
#include "protocol/group_partition.hpp"
#include "protocol/records/offset_commit.hpp"
#include "tools/cluster_access.hpp"

namespace horolog::command {
namespace {

constexpr char offsets_topic[] = "__consumer_offsets";
/// How much is read at first; each step back reads as much again as all before.
constexpr Offset first_window = 4096;
/// A compacted topic holds little more than its live records: this is a minute of a busy cluster.
constexpr Offset most_records = 1'000'000;

ByteView view_of(const Bytes& bytes) { return as_bytes(bytes.text()); }

/// What a record of the topic says, if it is an offset commit.
struct Commit {
  wire::OffsetCommitKey key;
  std::optional<TimestampMs> at;  ///< nullopt: deleted
};
std::optional<Commit> commit_of(const RecordView& record) {
  constexpr std::int16_t newest_key = 1;  // 2 and above are other kinds of records
  const ByteView key = view_of(record.key);
  if (key.size() < sizeof(std::int16_t)) return std::nullopt;
  const auto kind = load_be<std::int16_t>(key.data());
  if (kind < 0 || kind > newest_key) return std::nullopt;
  auto decoded = wire::decode<wire::OffsetCommitKey>(key.subspan(sizeof kind), 0);
  if (!decoded) return std::nullopt;
  Commit commit{.key = std::move(*decoded), .at = std::nullopt};
  const ByteView value = view_of(record.value);
  if (value.size() < sizeof(std::int16_t)) return commit;
  const auto version = load_be<std::int16_t>(value.data());
  const auto told = wire::decode<wire::OffsetCommitValue>(value.subspan(sizeof version), version);
  if (told) commit.at = told->commit_timestamp;
  return commit;
}

/// Reads one partition backwards, window by window.
class BackwardReader {
 public:
  BackwardReader(Consumer& consumer, TopicPartition place, Consumer::Timeout patience)
      : consumer_(consumer), place_(std::move(place)), patience_(patience) {}

  template <typename Each>
  Status window(Offset from, Offset until, const Each& each) {
    HOROLOG_TRY(consumer_.seek(place_, from));
    const auto give_up = std::chrono::steady_clock::now() + patience_;
    for (;;) {
      HOROLOG_ASSIGN(const Offset position, consumer_.position(place_, patience_));
      if (position >= until) return {};
      if (std::chrono::steady_clock::now() > give_up) {
        return Error(Errc::timed_out, "nothing more comes of " + place_.to_string());
      }
      HOROLOG_ASSIGN(const RecordBatch batch, consumer_.poll(std::chrono::milliseconds(200)));
      for (const RecordView& record : batch) {
        if (record.offset < until) each(record);
      }
    }
  }

 private:
  Consumer& consumer_;
  const TopicPartition place_;
  const Consumer::Timeout patience_;
};

}  // namespace

Result<std::map<TopicPartition, TimestampMs>> commit_times(const Context& context,
                                                           const std::string& group,
                                                           std::set<TopicPartition> wanted) {
  std::map<TopicPartition, TimestampMs> found;
  if (wanted.empty()) return found;
  ConsumerOptions options;
  options.client = client_options(context);
  const auto patience = options.client.request_timeout;
  options.isolation = Isolation::read_committed;
  options.offset_reset = OffsetReset::earliest;
  options.fetch_max_wait = std::chrono::milliseconds(50);
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(options)));
  HOROLOG_ASSIGN(const PartitionIndex count, consumer.partitions_for(offsets_topic, patience));
  const TopicPartition place{offsets_topic, wire::partition_of_group(group, count)};
  HOROLOG_TRY(consumer.assign({place}));
  HOROLOG_ASSIGN(const auto starts, consumer.beginning_offsets({place}, patience));
  HOROLOG_ASSIGN(const auto ends, consumer.end_offsets({place}, patience));
  const Offset start = starts.at(place), end = ends.at(place);
  BackwardReader reader(consumer, place, patience);
  Offset until = end;
  for (Offset size = first_window; until > start && !wanted.empty(); size *= 2) {
    const Offset from = std::max(start, until - size);
    std::map<TopicPartition, std::optional<TimestampMs>> seen;
    HOROLOG_TRY(reader.window(from, until, [&](const RecordView& record) {
      auto commit = commit_of(record);
      if (!commit || commit->key.group != group) return;
      seen[{std::move(commit->key.topic), commit->key.partition}] = commit->at;
    }));
    for (const auto& [id, at] : seen) {
      if (wanted.erase(id) > 0 && at) found[id] = *at;
    }
    until = from;
    if (end - until >= most_records) break;
  }
  return found;
}

}  // namespace horolog::command
