// WriteTxnMarkers 1–2: an administrator ends a transaction that nobody else will
// (kafka-transactions.sh abort). Our own markers do not come this way.

#include <memory>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "broker/group_calls.hpp"
#include "broker/handlers.hpp"
#include "broker/transaction_markers.hpp"
#include "protocol/messages/write_txn_markers.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Response = wire::WriteTxnMarkersResponse;

/// A marker for one partition, and where its outcome stands in the response.
struct Wanted {
  TopicPartition partition;
  storage::TransactionMarker marker;
  Response::Partition* outcome = nullptr;
};

storage::TransactionMarker marker_of(const wire::WriteTxnMarkersRequest::Marker& asked) {
  storage::TransactionMarker marker;
  marker.producer_id = asked.producer_id;
  marker.producer_epoch = asked.producer_epoch;
  marker.coordinator_epoch = asked.coordinator_epoch;
  marker.commit = asked.transaction_result;
  marker.transaction_version = asked.transaction_version;
  return marker;
}

/// The answer with its outcomes still open.
std::shared_ptr<Response> outline(const wire::WriteTxnMarkersRequest& asked) {
  auto response = std::make_shared<Response>();
  for (const auto& marker : asked.markers) {
    auto& out = response->markers.emplace_back();
    out.producer_id = marker.producer_id;
    for (const auto& topic : marker.topics) {
      auto& topic_out = out.topics.emplace_back();
      topic_out.name = topic.name;
      for (const PartitionIndex index : topic.partition_indexes) {
        topic_out.partitions.push_back({index, ErrorCode::none});
      }
    }
  }
  return response;
}

std::vector<Wanted> wanted_of(const wire::WriteTxnMarkersRequest& asked, Response& response) {
  std::vector<Wanted> out;
  for (std::size_t m = 0; m < asked.markers.size(); ++m) {
    for (std::size_t t = 0; t < asked.markers[m].topics.size(); ++t) {
      auto& topic = response.markers[m].topics[t];
      for (auto& outcome : topic.partitions) {
        out.push_back(
            {{topic.name, outcome.partition_index}, marker_of(asked.markers[m]), &outcome});
      }
    }
  }
  return out;
}

}  // namespace

void handle_write_txn_markers(Context& context, Request request) {
  const auto asked = request.decode<wire::WriteTxnMarkersRequest>();
  if (!asked) return;
  const auto response = outline(*asked);
  const auto wanted = wanted_of(*asked, *response);
  if (wanted.empty()) return request.reply(*response);
  net::Shard& shard = request.connection->shard;
  const auto held = std::make_shared<Request>(std::move(request));
  const auto left = std::make_shared<std::size_t>(wanted.size());
  for (const Wanted& one : wanted) {
    log::info(
        "transactions", "a marker is written because a client asks for it",
        {log::field("client", held->who()), log::field("partition", one.partition.to_string()),
         log::field("producer_id", one.marker.producer_id),
         log::field("epoch", one.marker.producer_epoch), log::field("commit", one.marker.commit)});
    write_marker(context, one.partition, one.marker, shard,
                 [held, response, left, outcome = one.outcome](ErrorCode error) {
                   outcome->error_code = error;
                   if (--*left == 0) held->reply(*response);
                 });
  }
}

}  // namespace horolog::broker
