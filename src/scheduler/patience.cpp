#include "scheduler/patience.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace horolog::scheduler {

using wire::ErrorCode;

bool passes(ErrorCode code) {
  switch (code) {
    case ErrorCode::leader_not_available:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::request_timed_out:
    case ErrorCode::coordinator_load_in_progress:
    case ErrorCode::coordinator_not_available:
    case ErrorCode::not_coordinator:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::concurrent_transactions:
    case ErrorCode::unstable_offset_commit:
    case ErrorCode::network_exception: return true;
    default: return false;
  }
}

bool means_lost(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::producer_fenced:
    case ErrorCode::fenced_instance_id:
    case ErrorCode::unknown_member_id:
    case ErrorCode::invalid_producer_id_mapping:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::unknown_producer_id:
    case ErrorCode::out_of_order_sequence_number: return true;
    default: return false;
  }
}

bool Patience::wait(ErrorCode code) {
  if (over()) return false;
  const int most = code == ErrorCode::concurrent_transactions ? 20 : 200;
  const int pause = std::min(5 << std::min(tries_++, 6), most);
  std::this_thread::sleep_for(std::chrono::milliseconds(pause));
  return true;
}

void coordinator_answered(client::Cluster& cluster, client::CoordinatorKind kind,
                          const std::string& key, ErrorCode code) {
  if (code != ErrorCode::not_coordinator && code != ErrorCode::coordinator_not_available) return;
  cluster.loop().post([&cluster, kind, key] { cluster.coordinator_failed(kind, key); });
}

void leader_answered(client::Cluster& cluster, const TopicPartition& place, ErrorCode code) {
  if (code != ErrorCode::not_leader_or_follower && code != ErrorCode::leader_not_available &&
      code != ErrorCode::unknown_topic_or_partition)
    return;
  cluster.loop().post([&cluster, place] { cluster.leader_failed(place); });
}

}  // namespace horolog::scheduler
