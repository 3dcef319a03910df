// Fetch 4–18. Sessions are declined (session id 0), as Kafka does when its cache is full, so every
// request names all its partitions. Records are sent from the segment files, never copied here.

#include <algorithm>
#include <utility>
#include <vector>

#include "broker/handlers.hpp"
#include "broker/long_poll.hpp"
#include "broker/slice_payload.hpp"
#include "protocol/messages/fetch.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::FetchRequest::Partition;
using Answer = wire::FetchResponse::Partition;

constexpr std::int16_t first_version_with_topic_ids = 13;
/// Consumers send -1; -2 is a debugging consumer. Others claim to be replicas (CVE-2018-1288).
constexpr std::int32_t lowest_replica_id = 0;

/// One partition of the request, resolved once and read again whenever the poll wakes.
struct Wanted {
  Asked asked;
  std::shared_ptr<Partition> partition;  ///< null: `error` says why
  ErrorCode error = ErrorCode::none;
  std::size_t topic = 0;  ///< where it stands in the request
};

struct Round {
  wire::FetchResponse response;
  std::vector<std::shared_ptr<const net::Payload>> payloads;
  std::size_t bytes = 0;
  /// An error or a diverging epoch: to be told at once.
  bool answer_now = false;
};

ErrorCode fence(const Partition& partition, LeaderEpoch asked) {
  if (asked < 0) return ErrorCode::none;
  const LeaderEpoch current = partition.log().leader_epoch();
  if (asked < current) return ErrorCode::fenced_leader_epoch;
  if (asked > current) return ErrorCode::unknown_leader_epoch;
  return ErrorCode::none;
}

ErrorCode code_of(const Error& error) {
  switch (error.code()) {
    case Errc::out_of_range:
      return ErrorCode::offset_out_of_range;
    case Errc::closed:
      return ErrorCode::unknown_topic_or_partition;
    default:
      return ErrorCode::kafka_storage_error;
  }
}

/// Nobody can say where the consumer's last epoch ends: it never was, or is long forgotten.
bool is_unknown_epoch(const Partition& partition, const Asked& asked) {
  return asked.last_fetched_epoch >= 0 &&
         partition.log().end_of_epoch(asked.last_fetched_epoch).end_offset < 0;
}

/// KIP-595: the consumer's last epoch does not reach as far as its offset, so its records were cut.
bool diverges(const Partition& partition, const Asked& asked, Answer& answer) {
  if (asked.last_fetched_epoch < 0) return false;
  const auto end = partition.log().end_of_epoch(asked.last_fetched_epoch);
  if (end.epoch == asked.last_fetched_epoch && end.end_offset >= asked.fetch_offset) return false;
  if (end.end_offset < 0) return false;
  answer.diverging_epoch.epoch = end.epoch;
  answer.diverging_epoch.end_offset = end.end_offset;
  return true;
}

class Fetch final : public LongPoll {
 public:
  Fetch(Context& context, Request request, wire::FetchRequest asked)
      : LongPoll(request.connection->shard, asked.max_wait_ms),
        context_(context),
        request_(std::move(request)),
        asked_(std::move(asked)) {}

  void begin() {
    resolve();
    Round round = read_all();
    if (is_satisfied(round)) {
      answer(std::move(round));
      return;
    }
    context_.metrics.parked_fetches.add();
    request_.release_bytes();
    park(partitions());
  }

 private:
  void resolve() {
    const auto catalog = context_.catalog();
    const bool by_id = request_.version() >= first_version_with_topic_ids;
    for (std::size_t t = 0; t < asked_.topics.size(); ++t) {
      auto& topic = asked_.topics[t];
      const auto info = by_id ? catalog->find(topic.topic_id) : nullptr;
      if (info) topic.topic = info->name;
      for (const Asked& asked : topic.partitions) {
        Wanted wanted{asked, nullptr, ErrorCode::none, t};
        if (by_id && !info) {
          wanted.error = ErrorCode::unknown_topic_id;
        } else {
          resolve_partition(topic.topic, wanted);
        }
        wanted_.push_back(std::move(wanted));
      }
    }
  }

  void resolve_partition(const std::string& topic, Wanted& wanted) {
    wanted.partition = context_.partitions.find(topic, wanted.asked.partition);
    if (wanted.partition != nullptr) {
      wanted.error = fence(*wanted.partition, wanted.asked.current_leader_epoch);
    } else if (context_.store.quarantine_reason({topic, wanted.asked.partition})) {
      wanted.error = ErrorCode::kafka_storage_error;
    } else {
      wanted.error = ErrorCode::unknown_topic_or_partition;
    }
  }

  std::vector<std::shared_ptr<Partition>> partitions() const {
    std::vector<std::shared_ptr<Partition>> out;
    for (const Wanted& wanted : wanted_) {
      if (wanted.partition != nullptr) out.push_back(wanted.partition);
    }
    return out;
  }

  Round read_all() {
    Round round;
    std::size_t last_topic = asked_.topics.size();
    const auto limit = static_cast<std::size_t>(
        std::clamp<std::int64_t>(asked_.max_bytes, 0, context_.config()->fetch_max_bytes));
    for (const Wanted& wanted : wanted_) {
      if (wanted.topic != last_topic) {
        last_topic = wanted.topic;
        auto& topic = round.response.responses.emplace_back();
        topic.topic = asked_.topics[last_topic].topic;
        topic.topic_id = asked_.topics[last_topic].topic_id;
      }
      round.response.responses.back().partitions.push_back(read_one(wanted, limit, round));
    }
    return round;
  }

  Answer read_one(const Wanted& wanted, std::size_t limit, Round& round) {
    Answer answer;
    answer.partition_index = wanted.asked.partition;
    answer.error_code = wanted.error;
    answer.high_watermark = -1;
    answer.records.size = 0;
    if (wanted.error != ErrorCode::none) {
      if (wanted.partition != nullptr) answer.aborted_transactions.reset();
      round.answer_now = true;
      return answer;
    }
    const Partition& partition = *wanted.partition;
    if (is_unknown_epoch(partition, wanted.asked)) {
      answer.error_code = ErrorCode::offset_out_of_range;
      answer.aborted_transactions.reset();
      round.answer_now = true;
      return answer;
    }
    if (diverges(partition, wanted.asked, answer)) {
      round.answer_now = true;
      return answer;
    }
    const std::size_t left = limit - std::min(limit, round.bytes);
    const auto max_bytes =
        std::min(left, static_cast<std::size_t>(std::max(wanted.asked.partition_max_bytes, 0)));
    // Progress is certain: the first partition with data gives a whole batch, however large.
    auto read = round.bytes == 0 || max_bytes > 0
                    ? partition.log().read(wanted.asked.fetch_offset, max_bytes,
                                           storage::Visibility::high_watermark)
                    : partition.log().read(partition.log().high_watermark(), 0,
                                           storage::Visibility::high_watermark);
    if (!read) {
      answer.error_code = code_of(read.error());
      answer.aborted_transactions.reset();
      round.answer_now = true;
      return answer;
    }
    fill(answer, std::move(*read), round);
    return answer;
  }

  void fill(Answer& answer, storage::ReadInfo read, Round& round) const {
    answer.high_watermark = read.high_watermark;
    answer.last_stable_offset = read.high_watermark;
    answer.log_start_offset = read.log_start_offset;
    if (asked_.isolation_level == 0) answer.aborted_transactions.reset();
    if (read.bytes == 0) return;
    round.bytes += read.bytes;
    answer.records.size = read.bytes;
    round.payloads.push_back(std::make_shared<SlicePayload>(std::move(read.slices)));
  }

  bool is_satisfied(const Round& round) const {
    return round.answer_now || wanted_.empty() || asked_.max_wait_ms <= 0 ||
           round.bytes >= static_cast<std::size_t>(std::max(asked_.min_bytes, 0));
  }

  bool try_finish(bool last_chance) override {
    for (Wanted& wanted : wanted_) {
      if (wanted.partition == nullptr) continue;
      const std::string topic = asked_.topics[wanted.topic].topic;
      resolve_partition(topic, wanted);
    }
    Round round = read_all();
    if (!last_chance && !is_satisfied(round)) return false;
    answer(std::move(round));
    return true;
  }

  void answer(Round round) {
    context_.metrics.bytes_out.add(round.bytes);
    request_.reply_spliced(round.response, std::move(round.payloads));
  }

  Context& context_;
  Request request_;
  wire::FetchRequest asked_;
  std::vector<Wanted> wanted_;
};

void answer_error(Request request, ErrorCode error) {
  wire::FetchResponse response;
  response.error_code = error;
  request.reply(response);
}

}  // namespace

void handle_fetch(Context& context, Request request) {
  auto asked = request.decode<wire::FetchRequest>();
  if (!asked) return;
  if (asked->replica_id >= lowest_replica_id ||
      asked->replica_state.replica_id >= lowest_replica_id) {
    request.close("a fetch that claims to come from a replica: there are none");
    return;
  }
  // Epoch 0 opens a session (declined), -1 asks for none; anything else continues one we never
  // gave.
  if (asked->session_id != 0 || asked->session_epoch > 0) {
    answer_error(std::move(request), ErrorCode::fetch_session_id_not_found);
    return;
  }
  std::make_shared<Fetch>(context, std::move(request), std::move(*asked))->begin();
}

}  // namespace horolog::broker
