#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "coordinator/group_records.hpp"
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
  using Offsets = std::map<std::string, std::map<PartitionIndex, wire::OffsetCommitValue>,
                           std::less<>>;
  /// Absent for a group that only ever committed offsets.
  std::optional<wire::GroupMetadataValue> metadata;
  Offsets offsets;

  const wire::OffsetCommitValue* find(std::string_view topic, PartitionIndex partition) const;
};

/// Everything one partition of __consumer_offsets says: the last value of every key. replay() is
/// the only way to change it, live and at recovery alike.
class PersistedState {
 public:
  using Groups = std::unordered_map<std::string, PersistedGroup, TextHash, std::equal_to<>>;

  void replay(const AnyRecord& record);

  const PersistedGroup* find(std::string_view group) const;
  const Groups& groups() const { return groups_; }
  std::size_t offset_count() const { return offset_count_; }

  /// Calls back with the records that rebuild this state, in the order of group, topic, partition.
  void for_each_record(const std::function<void(const AnyRecord&)>& visit) const;

 private:
  void replay_offset(const OffsetRecord& record);
  void replay_group(const GroupRecord& record);

  Groups groups_;
  std::size_t offset_count_ = 0;
};

}  // namespace horolog::coordinator
