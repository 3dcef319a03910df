#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// Control record at the start of each epoch of the metadata log.
struct LeaderChangeMessage {
  static constexpr Api api{.name = "LeaderChangeMessage", .versions = {0, 1}, .flexible_since = 0};

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id{};

    void describe(Visitor& v);
  };

  std::int16_t version = 0;
  std::int32_t leader_id = 0;
  std::vector<Voter> voters{};
  std::vector<Voter> granting_voters{};

  void describe(Visitor& v);
};

/// First control record of a metadata snapshot.
struct SnapshotHeaderRecord {
  static constexpr Api api{.name = "SnapshotHeaderRecord", .versions = {0, 0}, .flexible_since = 0};

  std::int16_t version = 0;
  std::int64_t last_contained_log_timestamp = 0;

  void describe(Visitor& v);
};

/// Last control record of a metadata snapshot.
struct SnapshotFooterRecord {
  static constexpr Api api{.name = "SnapshotFooterRecord", .versions = {0, 0}, .flexible_since = 0};

  std::int16_t version = 0;

  void describe(Visitor& v);
};

/// Control record that sets the version of the metadata quorum.
struct KRaftVersionRecord {
  static constexpr Api api{.name = "KRaftVersionRecord", .versions = {0, 0}, .flexible_since = 0};

  std::int16_t version = 0;
  std::int16_t kraft_version = 0;

  void describe(Visitor& v);
};

/// Control record that names the voters of the metadata quorum (from quorum version 1 on).
struct VotersRecord {
  static constexpr Api api{.name = "VotersRecord", .versions = {0, 0}, .flexible_since = 0};

  struct Endpoint {
    std::string name{};
    std::string host{};
    std::uint16_t port = 0;

    void describe(Visitor& v);
  };

  struct KRaftVersionFeature {
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    void describe(Visitor& v);
    bool operator==(const KRaftVersionFeature&) const = default;
  };

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id{};
    std::vector<Endpoint> endpoints{};
    KRaftVersionFeature kraft_version_feature{};

    void describe(Visitor& v);
  };

  std::int16_t version = 0;
  std::vector<Voter> voters{};

  void describe(Visitor& v);
};

/// Value of the control record that ends a transaction in a partition.
struct EndTxnMarker {
  static constexpr Api api{.name = "EndTxnMarker", .versions = {0, 0}};

  std::int32_t coordinator_epoch = 0;

  void describe(Visitor& v);
};

/// What follows the two-byte version in the key of a control record: 0 abort, 1 commit, 2 leader
/// change, 3 snapshot header, 4 snapshot footer, 5 quorum version, 6 voters.
struct ControlRecordTypeSchema {
  static constexpr Api api{.name = "ControlRecordTypeSchema", .versions = {0, 0}};

  std::int16_t type = 0;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
