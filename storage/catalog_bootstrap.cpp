#include "storage/catalog_bootstrap.hpp"

#include <fmt/format.h>

#include <vector>

#include "protocol/records/control.hpp"
#include "protocol/records/metadata_brokers.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "record/batch.hpp"
#include "storage/catalog_records.hpp"
#include "storage/features.hpp"

namespace horolog::storage {
namespace {

constexpr char placeholder_host[] = "127.0.0.1";
constexpr std::uint16_t broker_port = 9092;
constexpr std::uint16_t controller_port = 9093;

std::vector<ByteBuffer> feature_levels() {
  std::vector<ByteBuffer> out;
  for (const FeatureRange& feature : known_features()) {
    if (!feature.finalised) continue;
    out.push_back(encode_metadata(
        wire::FeatureLevelRecord{.name = std::string(feature.name), .feature_level = feature.max},
        0));
  }
  return out;
}

template <typename T>
void add_features(T& registration) {
  for (const FeatureRange& feature : known_features()) {
    registration.features.push_back({.name = std::string(feature.name),
                                     .min_supported_version = feature.min,
                                     .max_supported_version = feature.max});
  }
}

std::vector<ByteBuffer> bootstrap_transaction() {
  std::vector<ByteBuffer> out;
  out.push_back(encode_metadata(wire::BeginTransactionRecord{.name = "Bootstrap records"}, 0));
  for (ByteBuffer& level : feature_levels()) out.push_back(std::move(level));
  out.push_back(encode_metadata(
      wire::ConfigRecord{
          .resource_type = 4, .resource_name = "", .name = "min.insync.replicas", .value = "1"},
      0));
  out.push_back(encode_metadata(wire::EndTransactionRecord{}, 0));
  return out;
}

ByteBuffer register_controller(const MetaProperties& meta) {
  wire::RegisterControllerRecord record;
  record.controller_id = meta.node_id;
  record.incarnation_id = Uuid::random();
  record.end_points.push_back(
      {.name = "CONTROLLER", .host = placeholder_host, .port = controller_port});
  add_features(record);
  return encode_metadata(record, 0);
}

ByteBuffer register_broker(const MetaProperties& meta, Offset offset) {
  wire::RegisterBrokerRecord record;
  record.broker_id = meta.node_id;
  record.incarnation_id = Uuid::random();
  record.broker_epoch = offset;
  record.end_points.push_back({.name = "PLAINTEXT", .host = placeholder_host, .port = broker_port});
  add_features(record);
  record.rack = std::nullopt;
  record.fenced = true;
  record.log_dirs = {meta.directory_id};
  return encode_metadata(record, 4);
}

}  // namespace

ByteBuffer bootstrap_checkpoint(TimestampMs now) {
  ByteBuffer out = control_batch(ControlType::snapshot_header,
                                 wire::encode(wire::SnapshotHeaderRecord{}, 0), 0, 0, now);
  const auto levels = feature_levels();
  const ByteBuffer body = metadata_batch(levels, 1, 0, now);
  const ByteBuffer footer =
      control_batch(ControlType::snapshot_footer, wire::encode(wire::SnapshotFooterRecord{}, 0),
                    1 + static_cast<Offset>(levels.size()), 0, now);
  out.insert(out.end(), body.begin(), body.end());
  out.insert(out.end(), footer.begin(), footer.end());
  return out;
}

ByteBuffer bootstrap_log(const MetaProperties& meta, TimestampMs now) {
  wire::LeaderChangeMessage leader;
  leader.leader_id = meta.node_id;
  leader.voters.push_back({.voter_id = meta.node_id, .voter_directory_id = {}});
  leader.granting_voters = leader.voters;
  ByteBuffer out = control_batch(ControlType::leader_change, wire::encode(leader, 0), 0,
                                 metadata_log_epoch, now);
  Offset next = 1;
  const auto add = [&](const std::vector<ByteBuffer>& values) {
    const ByteBuffer batch = metadata_batch(values, next, metadata_log_epoch, now);
    out.insert(out.end(), batch.begin(), batch.end());
    next += static_cast<Offset>(values.size());
  };
  add(bootstrap_transaction());
  add({register_controller(meta)});
  const Offset broker_epoch = next;
  add({register_broker(meta, broker_epoch)});
  wire::BrokerRegistrationChangeRecord unfence;
  unfence.broker_id = meta.node_id;
  unfence.broker_epoch = broker_epoch;
  unfence.fenced = -1;
  add({encode_metadata(unfence, 0)});
  return out;
}

std::string quorum_state(std::int32_t node_id) {
  return fmt::format(
      R"({{"clusterId":"","leaderId":{0},"leaderEpoch":{1},"votedId":-1,"appliedOffset":0,)"
      R"("currentVoters":[{{"voterId":{0}}}],"data_version":0}})",
      node_id, metadata_log_epoch);
}

}  // namespace horolog::storage
