#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "coordinator/group_records.hpp"
#include "coordinator/pending_offsets.hpp"
#include "horolog/types.hpp"

namespace horolog::coordinator {

/// So that a string_view finds a std::string key.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

/// What a group has on disk.
struct PersistedGroup {
  using Offsets =
      std::map<std::string, std::map<PartitionIndex, wire::OffsetCommitValue>, std::less<>>;
  /// Absent for a group that only ever committed offsets.
  std::optional<wire::GroupMetadataValue> metadata;
  Offsets offsets;

  const wire::OffsetCommitValue* find(std::string_view topic, PartitionIndex partition) const;
};

/// Everything one partition of __consumer_offsets says: the last value of every key, and what open
/// transactions would make of it. Replaying is the only way to change it, live and at recovery
/// alike.
class PersistedState {
 public:
  using Groups = std::unordered_map<std::string, PersistedGroup, TextHash, std::equal_to<>>;

  /// `transaction`: the producer in whose transactional batch the record stands.
  void replay(const AnyRecord& record, ProducerId transaction = no_producer_id);
  /// A control batch: the producer's transaction ends. Gives the groups that it concerned.
  std::set<std::string> replay_marker(ProducerId transaction, bool commit);

  const PersistedGroup* find(std::string_view group) const;
  const Groups& groups() const { return groups_; }
  const PendingOffsets& pending() const { return pending_; }
  /// Pending ones included.
  std::size_t offset_count() const { return offset_count_ + pending_.size(); }

  /// Calls back with the records that rebuild this state when they are replayed in this order, each
  /// with the producer whose open transaction it belongs to, or no_producer_id. What is committed
  /// comes ordered by group, topic, partition.
  using RecordVisitor = std::function<void(const AnyRecord&, ProducerId transaction)>;
  void for_each_record(const RecordVisitor& visit) const;

 private:
  void replay_offset(const OffsetRecord& record, ProducerId transaction);
  void put(const OffsetKey& key, const wire::OffsetCommitValue& value);
  void remove(const OffsetKey& key);
  void replay_group(const GroupRecord& record);

  Groups groups_;
  PendingOffsets pending_;
  std::size_t offset_count_ = 0;
};

}  // namespace horolog::coordinator
