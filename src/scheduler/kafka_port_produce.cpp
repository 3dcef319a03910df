#include <algorithm>
#include <utility>

#include "client/broker_error.hpp"
#include "protocol/messages/produce.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/kafka_port.hpp"
#include "scheduler/names.hpp"
#include "scheduler/patience.hpp"
#include "scheduler/target_table.hpp"

/// KafkaPort: the records of a transaction.
namespace horolog::scheduler {
namespace {

using wire::ErrorCode;

constexpr std::int64_t patience_ms = 10'000;
/// A target without enough replicas must not hold up the others.
constexpr std::int64_t replicas_patience_ms = 1'000;
constexpr MonoNs call_ns = 10'000'000'000;

/// The batch was not written, and may be in a moment: in the second protocol the transaction before
/// may still be getting its markers, which some brokers say as NOT_ENOUGH_REPLICAS.
bool not_yet(ErrorCode code) {
  return code == ErrorCode::concurrent_transactions || code == ErrorCode::not_enough_replicas;
}

}  // namespace

/// A batch on its way. Its bytes lie here until the answer has come.
struct KafkaPort::Sent {
  TopicPartition place;
  std::int32_t records = 0;
  ByteBuffer bytes;
  Asked<wire::ProduceRequest> asked{};
};

std::optional<Written> KafkaPort::produce(const BatchPlan& plan) {
  std::size_t rounds = 0;
  for (const auto& [place, batches] : plan) rounds = std::max(rounds, batches.batches.size());
  for (std::size_t round = 0; round < rounds; ++round)
    if (auto failed = produce_round(plan, round)) return failed;
  return std::nullopt;
}

/// The `round`-th batch of every partition, all at once.
std::optional<Written> KafkaPort::produce_round(const BatchPlan& plan, std::size_t round) {
  std::vector<Sent> all;
  for (const auto& [place, batches] : plan) {
    if (round >= batches.batches.size()) continue;
    const auto& batch = batches.batches[round];
    auto bytes = build_batch(batch,
                             {.producer_id = producer_id_,
                              .producer_epoch = epoch_,
                              .base_sequence = sequences_[place],
                              .transactional = true},
                             clock_.wall_ms());
    if (!bytes) return Written{Kind::failed, {}, bytes.error().message()};
    all.push_back({place, batch.records, std::move(*bytes), {}});
  }
  Patience ending(clock_, patience_ms), replicas(clock_, replicas_patience_ms);
  for (;;) {
    send(all);
    ErrorCode why = ErrorCode::none;
    auto failed = read_answers(all, why);
    if (failed || all.empty()) return failed;
    Patience& patience = why == ErrorCode::concurrent_transactions ? ending : replicas;
    if (!patience.wait(why)) return refused(all.front().place, why, std::nullopt);
  }
}

void KafkaPort::send(std::vector<Sent>& all) {
  for (Sent& sent : all) {
    wire::ProduceRequest request;
    request.transactional_id = transactional_id_;
    request.acks = -1;
    request.timeout_ms = static_cast<std::int32_t>(patience_ms);
    wire::ProduceRequest::Topic topic;
    topic.name = sent.place.topic;
    topic.partition_data.push_back({sent.place.partition,
                                    wire::Records::inline_bytes(sent.bytes)});
    request.topic_data.push_back(std::move(topic));
    // Version 12 is the second protocol's; later ones name topics by their ids.
    sent.asked = start_asking(*cluster_, client::Target::leader(sent.place), std::move(request),
                              {.cap = second_ ? wire::VersionRange{12, 12}
                                              : wire::VersionRange{3, 11},
                               .timeout_ns = call_ns});
  }
}

/// Leaves in `all` what is to be sent again, and in `again` why. Every answer is awaited, also
/// behind a failure.
std::optional<Written> KafkaPort::read_answers(std::vector<Sent>& all, ErrorCode& again) {
  std::optional<Written> failed;
  std::vector<Sent> rest;
  // Where our own topics take nothing, no target is to blame.
  const auto fail = [&failed](Written how) {
    const bool weaker = failed && (failed->kind == Kind::lost ||
                                   (failed->kind == Kind::failed && how.kind != Kind::lost));
    if (!weaker) failed = std::move(how);
  };
  for (Sent& sent : all) {
    const auto reply = answer_of<wire::ProduceRequest>(sent.asked);
    if (!reply) {
      failed = Written{Kind::lost, {}, reply.error().message()};
      continue;
    }
    const auto& answers = (*reply)->responses;
    if (answers.empty() || answers[0].partition_responses.empty()) {
      failed = Written{Kind::lost, {}, "Produce was answered without the partition"};
      continue;
    }
    const auto& answer = answers[0].partition_responses[0];
    if (answer.error_code == ErrorCode::none) {
      sequences_[sent.place] += sent.records;
      if (sent.place == place(Feed::state)) state_next_ = answer.base_offset + sent.records;
    } else if (not_yet(answer.error_code)) {
      again = answer.error_code;
      rest.push_back(std::move(sent));
    } else {
      leader_answered(*cluster_, sent.place, answer.error_code);
      fail(refused(sent.place, answer.error_code, answer.error_message));
    }
  }
  all = std::move(rest);
  return failed;
}

/// What it means for the transaction that a batch was not taken.
Written KafkaPort::refused(const TopicPartition& at, ErrorCode code,
                           const std::optional<std::string>& text) {
  std::string reason =
      client::broker_error(code, "cannot write to " + at.to_string(), text).message();
  if (means_lost(code) || code == ErrorCode::request_timed_out)
    return Written{Kind::lost, {}, std::move(reason)};
  const bool about_us = code == ErrorCode::concurrent_transactions ||
                        code == ErrorCode::transaction_abortable;
  if (about_us || !is_target(at.topic)) return Written{Kind::failed, {}, std::move(reason)};
  targets_.forget(at.topic);
  return Written{Kind::target_failed, at.topic, std::move(reason)};
}

}  // namespace horolog::scheduler
