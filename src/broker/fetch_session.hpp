#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "broker/fetch_partition.hpp"
#include "broker/fetch_turns.hpp"
#include "protocol/error_code.hpp"
#include "protocol/messages/fetch.hpp"

namespace horolog::broker {

/// The partitions a client fetches, kept between its requests (KIP-227): a request then names only
/// what changes, and only the partitions that something happened to are looked at. A request
/// outside of any session gets one of its own for as long as it lasts.
///
/// No locks: everything but id(), closed and last_used belongs to the request that has the turn.
class FetchSession {
 public:
  /// Epochs of requests that name all their partitions.
  static constexpr std::int32_t opening_epoch = 0;
  static constexpr std::int32_t no_session_epoch = -1;
  /// The id in answers to requests outside of a session.
  static constexpr std::int32_t no_id = 0;

  /// `by_topic_id`: the client speaks Fetch 13 or later.
  FetchSession(std::int32_t id, bool by_topic_id, MonoNs created)
      : last_used(created), created_(created), id_(id), by_topic_id_(by_topic_id) {}

  std::int32_t id() const { return id_; }
  MonoNs created() const { return created_; }
  bool by_topic_id() const { return by_topic_id_; }
  FetchTurns& turns() { return turns_; }
  FetchBell& bell() { return *bell_; }

  /// Whether a request that continues the session may: INVALID_FETCH_SESSION_EPOCH and
  /// FETCH_SESSION_TOPIC_ID_ERROR say why not. If so the next epoch is expected from now on.
  wire::ErrorCode advance(std::int32_t epoch, bool by_topic_id);
  /// Takes over what the request adds, changes and forgets.
  void update(const wire::FetchRequest& asked);
  std::size_t size() const { return partitions_.size(); }

  /// Those to be looked at, in the order in which they get their share of an answer.
  std::vector<std::shared_ptr<FetchPartition>>& active() { return active_; }
  /// Adds to active() what changed since the last call.
  void gather();
  /// Those that were served go behind those that were not: everybody gets a share.
  void rotate();
  /// Takes out of active() whatever has `active` unset.
  void drop_inactive();

  /// No longer in the cache: its id means nothing any more. From any thread.
  std::atomic<bool> closed{false};
  /// From any thread.
  std::atomic<MonoNs> last_used;
  /// size() for other threads, as of the last update.
  std::atomic<std::size_t> shown_size{0};

 private:
  struct Key {
    std::string topic;  ///< empty in sessions by topic id
    Uuid topic_id;
    PartitionIndex partition;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };

  Key key_of(const std::string& topic, const Uuid& id, PartitionIndex partition) const;
  void activate(const std::shared_ptr<FetchPartition>& partition);

  MonoNs created_;
  std::int32_t id_;
  bool by_topic_id_;
  std::int32_t next_epoch_ = 1;
  std::int8_t isolation_level_ = 0;
  FetchTurns turns_;
  std::shared_ptr<FetchBell> bell_ = std::make_shared<FetchBell>();
  std::unordered_map<Key, std::shared_ptr<FetchPartition>, Hash> partitions_;
  std::vector<std::shared_ptr<FetchPartition>> active_;
};

}  // namespace horolog::broker
