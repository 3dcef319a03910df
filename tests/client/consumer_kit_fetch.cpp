#include <algorithm>

#include "consumer_kit.hpp"
#include "record/batch.hpp"

namespace horolog::client::test {

using wire::ErrorCode;
using Connection = ScriptedBroker::Connection;

namespace {

/// The whole batches from `offset` on that end before `end`, at least one, up to `max` bytes.
ByteView batches_from(const ScriptedLog& log, ByteView bytes, Offset offset, Offset end,
                      std::size_t max) {
  if (offset >= end) return {};
  record::BatchIterator it(bytes);
  std::size_t from = bytes.size();
  std::size_t to = bytes.size();
  while (it.next()) {
    if (it.batch().next_offset() <= offset || it.batch().last_offset() < log.start) continue;
    if (it.batch().base_offset() >= end) break;
    from = std::min(from, it.position());
    if (it.position() > from && it.end_position() - from > max) break;
    to = it.end_position();
  }
  return from < to ? bytes.subspan(from, to - from) : ByteView();
}

}  // namespace

void ConsumerKit::serve_fetch(ScriptedBroker& broker) {
  broker.handlers[wire::ApiKey::fetch] = [this, &broker](Connection& connection,
                                                         const wire::RequestFrame& request) {
    on_fetch(broker, connection, request);
  };
}

void ConsumerKit::on_fetch(ScriptedBroker& broker, Connection& connection,
                           const wire::RequestFrame& frame) {
  const std::int16_t version = frame.header.api_version;
  const auto request = *wire::decode<wire::FetchRequest>(frame.body, version);
  SeenFetch seen{broker.node(), version, request.session_id, request.session_epoch,
                 request.max_bytes, {}, {}};
  Session& session = sessions_[broker.node()];
  if (version < 7 || request.session_epoch <= 0) {
    session = {.id = version < 7 ? 0 : ++last_session_, .epoch = 0, .asked = {}};
  }
  for (const auto& topic : request.topics) {
    for (const auto& one : topic.partitions) {
      seen.asked[one.partition] = one.fetch_offset;
      session.asked[one.partition] = {one.fetch_offset, one.current_leader_epoch,
                                      one.partition_max_bytes};
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const int p : topic.partitions) {
      seen.forgotten.push_back(p);
      session.asked.erase(p);
    }
  }
  fetches.push_back(std::move(seen));
  if (!fetch_session_errors.empty()) {
    const ErrorCode code = fetch_session_errors.front();
    fetch_session_errors.pop_front();
    return ScriptedBroker::send(connection, frame, wire::FetchResponse{.error_code = code});
  }
  const Held held{&broker, &connection, frame.header, request.isolation_level == 1,
                  stage.clock.now};
  if (!answer_fetch(held, false)) held_.push_back(held);
}

wire::FetchResponse::Partition ConsumerKit::fetch_part(const Held& held, int partition,
                                                       const Asked& asked) {
  ScriptedLog& log = logs.at(static_cast<std::size_t>(partition));
  const std::int16_t version = held.header.api_version;
  const Offset end = log.records.end();
  wire::FetchResponse::Partition out{.partition_index = partition,
                                     .high_watermark = end,
                                     .last_stable_offset = log.stable.value_or(end),
                                     .log_start_offset = version >= 5 ? log.start : -1};
  if (!held.committed_only) out.aborted_transactions.reset();
  if (log.leader != held.broker->node()) {
    out.error_code = ErrorCode::not_leader_or_follower;
    if (version >= 12) out.current_leader = {log.leader, log.epoch};
  } else if (asked.epoch >= 0 && asked.epoch < log.epoch) {
    out.error_code = ErrorCode::fenced_leader_epoch;
  } else if (asked.offset < log.start || asked.offset > end) {
    out.error_code = ErrorCode::offset_out_of_range;
  } else if (!fetch_errors.empty()) {
    out.error_code = fetch_errors.front();
    fetch_errors.pop_front();
  } else {
    out.records = wire::Records::inline_bytes(
        batches_from(log, log.records.bytes(), asked.offset,
                     held.committed_only ? out.last_stable_offset : end,
                     static_cast<std::size_t>(asked.max_bytes)));
    if (held.committed_only && !out.records.bytes.empty()) out.aborted_transactions = log.aborted;
  }
  return out;
}

bool ConsumerKit::answer_fetch(const Held& held, bool at_once) {
  const Session& session = sessions_[held.broker->node()];
  wire::FetchResponse answer{.session_id = session.id};
  wire::FetchResponse::Topic topic;
  if (held.header.api_version >= 13) {
    topic.topic_id = topic_id_;
  } else {
    topic.topic = "t";
  }
  for (const auto& [p, asked] : session.asked) {
    auto part = fetch_part(held, p, asked);
    if (part.error_code != ErrorCode::none || !part.records.bytes.empty()) {
      topic.partitions.push_back(std::move(part));
    }
  }
  if (topic.partitions.empty() && !at_once) return false;
  if (!topic.partitions.empty() && !fetch_tricks.empty()) {
    const auto trick = fetch_tricks.front();
    fetch_tricks.pop_front();
    trick(*held.connection, {held.header, {}});
    return true;
  }
  if (!topic.partitions.empty()) answer.responses.push_back(std::move(topic));
  ScriptedBroker::write(*held.connection,
                        wire::encode_response(answer, held.header.api_version,
                                              held.header.correlation_id).bytes);
  return true;
}

}  // namespace horolog::client::test
