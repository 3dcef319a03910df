#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/group_records.hpp"
#include "horolog/types.hpp"

namespace horolog::coordinator {

/// What an offset is committed for.
struct OffsetKey {
  std::string group;
  std::string topic;
  PartitionIndex partition = 0;

  auto operator<=>(const OffsetKey&) const = default;
};

/// The offsets that open transactions have committed (KIP-98). They become a group's offsets when
/// their producer's transaction commits, and are forgotten when it aborts.
///
/// Of several commits for one partition the one that came last counts, whichever way it came and in
/// whatever order the transactions end: a pending offset that a later commit has overtaken is kept
/// until its transaction ends, because the partition is unstable as long, but never counts.
class PendingOffsets {
 public:
  struct Entry {
    wire::OffsetCommitValue value;
    /// Greater for what was committed later.
    std::uint64_t order = 0;
    bool overtaken = false;
  };
  using ByKey = std::map<OffsetKey, Entry>;

  void add(ProducerId producer, const OffsetKey& key, const wire::OffsetCommitValue& value);
  /// The group has a committed offset that is later than all that is pending.
  void overtake(const OffsetKey& key);
  /// The same, for what was pending before `order`.
  void overtake(const OffsetKey& key, std::uint64_t order);
  /// The group has no offset there any more, a pending one included.
  void remove(const OffsetKey& key);
  /// The producer's transaction has ended: takes out what it had pending.
  ByKey take(ProducerId producer);

  bool empty() const { return keys_.empty(); }
  std::size_t size() const { return size_; }
  bool contains(std::string_view group) const;
  bool contains(const OffsetKey& key) const { return keys_.contains(key); }
  std::vector<OffsetKey> keys_of_group(std::string_view group) const;
  std::vector<OffsetKey> keys_of_topic(std::string_view topic) const;
  std::set<std::string> groups() const;
  /// In the order of their commits.
  void for_each(bool overtaken,
                const std::function<void(ProducerId, const OffsetKey&, const Entry&)>& visit) const;

 private:
  std::map<ProducerId, ByKey> producers_;
  std::map<OffsetKey, std::set<ProducerId>> keys_;
  std::uint64_t last_order_ = 0;
  std::size_t size_ = 0;
};

}  // namespace horolog::coordinator
