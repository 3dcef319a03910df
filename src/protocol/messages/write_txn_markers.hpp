#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Has the markers that end transactions written into partitions: between brokers, and from tools
/// that abort a transaction left hanging.
struct WriteTxnMarkersRequest {
  static constexpr Api api{.name = "WriteTxnMarkersRequest",
                           .key = ApiKey::write_txn_markers,
                           .versions = {1, 2},
                           .flexible_since = 1};

  struct Topic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};

    void describe(Visitor& v);
  };

  struct Marker {
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool transaction_result = false;  ///< true: commit
    std::vector<Topic> topics{};
    std::int32_t coordinator_epoch = 0;
    std::int8_t transaction_version = 0;  ///< 2: the epoch was raised for the marker (KIP-890)

    void describe(Visitor& v);
  };

  std::vector<Marker> markers{};

  void describe(Visitor& v);
};

/// The result for each partition of each marker.
struct WriteTxnMarkersResponse {
  static constexpr Api api{.name = "WriteTxnMarkersResponse",
                           .key = ApiKey::write_txn_markers,
                           .versions = {1, 2},
                           .flexible_since = 1};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  struct Marker {
    std::int64_t producer_id = 0;
    std::vector<Topic> topics{};

    void describe(Visitor& v);
  };

  std::vector<Marker> markers{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
