#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "storage/catalog.hpp"
#include "storage/catalog_records.hpp"

namespace horolog::storage {

/// Replays metadata records onto a copy of a snapshot: the only code that changes what the catalog
/// says, live and at start alike. One thread at a time.
class CatalogState {
 public:
  explicit CatalogState(const CatalogSnapshot& base) : next_(base) {}

  /// Errc::corrupt for records that do not decode or contradict what is known, Errc::unsupported
  /// for a newer format or a topic with replicas on other nodes.
  Status apply(const record::BatchView& batch);
  /// The result; the state is spent. A metadata transaction that was not finished is left out.
  std::shared_ptr<const CatalogSnapshot> finish();

  /// Ids of the topics that were removed, so that a start can finish what a crash interrupted.
  const std::unordered_set<Uuid>& removed() const { return removed_; }
  /// Names of record types that this version keeps but does not act on.
  const std::set<std::string>& ignored() const { return ignored_; }

 private:
  Status apply_record(const MetadataFrame& frame);
  Status apply_topic(const MetadataFrame& frame);
  Status apply_partition(const MetadataFrame& frame);
  Status apply_partition_change(const MetadataFrame& frame);
  Status apply_remove_topic(const MetadataFrame& frame);
  Status apply_config(const MetadataFrame& frame);
  Status apply_feature(const MetadataFrame& frame);
  Status apply_producer_ids(const MetadataFrame& frame);
  Status apply_register_broker(const MetadataFrame& frame);
  void ignore(std::int16_t type);

  /// A copy of the topic that may be changed; nullptr when there is none.
  TopicInfo* draft(const Uuid& id);
  TopicInfo* draft(const std::string& name);
  void publish_drafts();

  CatalogSnapshot next_;
  std::unordered_map<Uuid, std::shared_ptr<TopicInfo>> drafts_;
  std::optional<CatalogSnapshot> before_transaction_;
  std::unordered_set<Uuid> removed_;
  std::set<std::string> ignored_;
};

}  // namespace horolog::storage
