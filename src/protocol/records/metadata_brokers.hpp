#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// A controller with its endpoints and supported features.
struct RegisterControllerRecord {
  static constexpr Api api{.name = "RegisterControllerRecord",
                           .record_type = 27,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Endpoint {
    std::string name{};
    std::string host{};
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    void describe(Visitor& v);
  };

  struct Feature {
    std::string name{};
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    void describe(Visitor& v);
  };

  std::int32_t controller_id = 0;
  Uuid incarnation_id{};
  bool zk_migration_ready = false;
  std::vector<Endpoint> end_points{};
  std::vector<Feature> features{};

  void describe(Visitor& v);
};

/// A broker with its endpoints, supported features and log directories.
struct RegisterBrokerRecord {
  static constexpr Api api{.name = "RegisterBrokerRecord",
                           .record_type = 0,
                           .versions = {0, 4},
                           .flexible_since = 0};

  struct Endpoint {
    std::string name{};
    std::string host{};
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    void describe(Visitor& v);
  };

  struct Feature {
    std::string name{};
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    void describe(Visitor& v);
  };

  std::int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id{};
  std::int64_t broker_epoch = 0;
  std::vector<Endpoint> end_points{};
  std::vector<Feature> features{};
  std::optional<std::string> rack = "";
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs{};
  std::optional<std::vector<Uuid>> cordoned_log_dirs{};

  void describe(Visitor& v);
};

/// A change of a broker's registration; what is absent stays.
struct BrokerRegistrationChangeRecord {
  static constexpr Api api{.name = "BrokerRegistrationChangeRecord",
                           .record_type = 17,
                           .versions = {0, 3},
                           .flexible_since = 0};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;
  std::int8_t fenced = 0;  ///< 0 no change, 1 fenced, -1 unfenced
  std::int8_t in_controlled_shutdown = 0;  ///< 0 no change, 1 entered
  std::vector<Uuid> log_dirs{};
  std::optional<std::vector<Uuid>> cordoned_log_dirs{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
