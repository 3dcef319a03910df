#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/core.hpp"

namespace horolog::coordinator {

class ClassicGroups;

/// Committed offsets: commit with its fencing, fetch, removal and expiry.
class Offsets {
 public:
  Offsets(Core& core, ClassicGroups& members) : core_(core), members_(members) {}

  /// Names and, where known, topic ids must be filled in: the caller resolves what the version
  /// leaves out.
  void commit(const Caller& caller, const wire::OffsetCommitRequest& request);
  /// offsets_transactional.cpp; see Coordinator.
  void commit_transactional(const Caller& caller, const wire::TxnOffsetCommitRequest& request);
  void settle_transactional(wire::ErrorCode outcome);
  bool has_unsettled() const { return unsettled_.has_value(); }
  /// One group of the request, in the spelling of version 8 and later.
  void fetch(const Caller& caller, const wire::OffsetFetchRequest::Group& request,
             bool require_stable);
  void remove(const Caller& caller, const wire::OffsetDeleteRequest& request);

  /// Tombstones for every offset of a group, pending ones included, without asking whether that is
  /// allowed.
  void remove_all(Group& group);
  void on_topic_deleted(const std::string& topic);
  /// Removes what has been kept long enough, and groups that are nothing but a name.
  void expire();

 private:
  wire::ErrorCode check_commit(const Caller& caller, const wire::OffsetCommitRequest& request,
                               Group* group) const;
  /// True when nothing of the group's offsets is left.
  bool expire_offsets(Group& group);
  bool is_expired(const Group& group, const wire::OffsetCommitValue& value) const;
  void remove_one(Group* group, const std::string& group_id, const std::string& topic,
                  PartitionIndex partition);

  wire::ErrorCode check_transactional(const wire::TxnOffsetCommitRequest& request) const;
  bool too_large(const std::string& metadata) const;

  /// A producer's commit that is on its way into the log.
  struct Unsettled {
    Caller caller;
    std::string group;
    ProducerId producer = no_producer_id;
    std::vector<OffsetRecord> records;
    wire::TxnOffsetCommitResponse response;
    WriteNumber write = 0;
  };

  Core& core_;
  ClassicGroups& members_;
  std::optional<Unsettled> unsettled_;
};

}  // namespace horolog::coordinator
