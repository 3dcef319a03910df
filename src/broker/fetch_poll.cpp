#include "broker/fetch_poll.hpp"

#include <algorithm>
#include <utility>

#include "broker/connection_state.hpp"
#include "broker/fetch_session_cache.hpp"
#include "broker/slice_payload.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr std::int16_t first_version_with_topic_ids = 13;

std::size_t count_partitions(const wire::FetchRequest& asked) {
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partitions.size();
  return count;
}

/// Adds to the last topic of the response if it is the partition's, else to a new one.
void add(wire::FetchResponse& response, const FetchPartition& wanted,
         FetchPartition::Answer answer) {
  auto& topics = response.responses;
  if (topics.empty() || topics.back().topic != wanted.topic ||
      topics.back().topic_id != wanted.topic_id) {
    auto& topic = topics.emplace_back();
    topic.topic = wanted.topic;
    topic.topic_id = wanted.topic_id;
  }
  topics.back().partitions.push_back(std::move(answer));
}

}  // namespace

FetchPoll::FetchPoll(Context& context, Request request, wire::FetchRequest asked)
    : LongPoll(request.connection->shard, asked.max_wait_ms),
      context_(context),
      request_(std::move(request)),
      asked_(std::move(asked)),
      reader_(context, asked_.isolation_level),
      limit_(static_cast<std::size_t>(
          std::clamp<std::int64_t>(asked_.max_bytes, 0, context.config()->fetch_max_bytes))) {}

bool FetchPoll::is_full() const {
  return asked_.session_epoch == FetchSession::opening_epoch ||
         asked_.session_epoch == FetchSession::no_session_epoch;
}

bool FetchPoll::by_topic_id() const { return request_.version() >= first_version_with_topic_ids; }

std::shared_ptr<FetchSession> FetchPoll::open_session() {
  // A full request ends the session it names.
  if (asked_.session_id != FetchSession::no_id) context_.fetch_sessions.remove(asked_.session_id);
  const MonoNs now = context_.clock.mono_ns();
  std::shared_ptr<FetchSession> session;
  if (asked_.session_epoch == FetchSession::opening_epoch) {
    session = context_.fetch_sessions.create(count_partitions(asked_), by_topic_id(), now);
  }
  if (session == nullptr) {
    return std::make_shared<FetchSession>(FetchSession::no_id, by_topic_id(), now);
  }
  ConnectionState::of(*request_.connection).fetch_session = session;
  return session;
}

std::shared_ptr<FetchSession> FetchPoll::find_session() {
  auto& last = ConnectionState::of(*request_.connection).fetch_session;
  if (last == nullptr || last->id() != asked_.session_id || last->closed.load()) {
    last = context_.fetch_sessions.find(asked_.session_id);
  }
  return last;
}

void FetchPoll::start() {
  session_ = is_full() ? open_session() : find_session();
  if (session_ == nullptr) {
    answer_error(ErrorCode::fetch_session_id_not_found);
    return;
  }
  if (session_->turns().enter(std::static_pointer_cast<FetchPoll>(shared_from_this()))) begin();
}

void FetchPoll::take_turn() {
  shard().post([self = std::static_pointer_cast<FetchPoll>(shared_from_this())] { self->begin(); });
}

void FetchPoll::hurry_up() {
  hurried_.store(true);
  poke();
}

void FetchPoll::begin() {
  if (!is_full()) {
    const ErrorCode refused = session_->closed.load()
                                  ? ErrorCode::fetch_session_id_not_found
                                  : session_->advance(asked_.session_epoch, by_topic_id());
    if (refused != ErrorCode::none) {
      answer_error(refused);
      leave();
      return;
    }
  }
  session_->last_used.store(context_.clock.mono_ns(), std::memory_order_relaxed);
  session_->update(asked_);
  if (!is_full() && session_->size() == 0) context_.fetch_sessions.remove(session_->id());
  asked_.topics.clear();
  asked_.forgotten_topics_data.clear();
  Round round = look_at_all();
  if (is_satisfied(round)) {
    answer(std::move(round));
    leave();
    return;
  }
  context_.metrics.parked_fetches.add();
  request_.release_bytes();
  parked_ = true;
  session_->bell().set_sleeper(weak_from_this());
  park();
}

FetchPoll::Round FetchPoll::look_at_all() {
  Round round;
  session_->gather();
  round.looks.reserve(session_->active().size());
  for (const auto& wanted : session_->active()) {
    Look look{wanted.get(), look_at(*wanted, round)};
    const FetchedPartition& found = look.found;
    if (!is_full() && found.quiet && wanted->is_watching() && !wanted->must_tell(found.answer)) {
      wanted->active = false;
      continue;
    }
    round.bytes += found.answer.records.size.value_or(0);
    round.answer_now |= found.answer_now;
    if (found.partition == nullptr) ++round.missing;
    round.looks.push_back(std::move(look));
  }
  session_->drop_inactive();
  return round;
}

FetchedPartition FetchPoll::look_at(FetchPartition& wanted, const Round& round) const {
  const std::size_t left = limit_ - std::min(limit_, round.bytes);
  const auto max_bytes =
      std::min(left, static_cast<std::size_t>(std::max(wanted.asked.partition_max_bytes, 0)));
  // Progress is certain: the first partition with data gives a whole batch, however large.
  const bool whole_batch = round.bytes == 0;
  if (parked_ && !wanted.is_watching()) {
    if (const auto partition = wanted.partition.lock()) wanted.watch(*partition);
  }
  FetchedPartition found = reader_.read(wanted, max_bytes, whole_batch, parked_);
  // Quiet partitions of a session are watched from its second poll on, so that later ones need not
  // look at them; all others only while somebody waits for them.
  const bool wait = parked_ || (!is_full() && found.quiet && asked_.max_wait_ms > 0);
  if (!wait || found.partition == nullptr || wanted.is_watching()) return found;
  wanted.watch(*found.partition);
  return reader_.read(wanted, max_bytes, whole_batch, parked_);
}

bool FetchPoll::is_satisfied(const Round& round) const {
  return round.answer_now || hurried_.load() || round.missing == session_->size() ||
         asked_.max_wait_ms <= 0 ||
         round.bytes >= static_cast<std::size_t>(std::max(asked_.min_bytes, 0));
}

bool FetchPoll::try_finish(bool last_chance) {
  // Asked to hurry before the turn has come, or after the answer.
  if (!parked_) return false;
  Round round = look_at_all();
  if (!last_chance && !is_satisfied(round)) return false;
  answer(std::move(round));
  leave();
  return true;
}

void FetchPoll::answer(Round round) {
  wire::FetchResponse response;
  response.session_id = session_->size() == 0 && !is_full() ? FetchSession::no_id : session_->id();
  std::vector<std::shared_ptr<const net::Payload>> payloads;
  for (Look& look : round.looks) {
    FetchedPartition& found = look.found;
    if (!is_full() && !look.wanted->must_tell(found.answer)) continue;
    look.wanted->remember(found.answer);
    look.wanted->served = found.answer.records.size != 0;
    if (found.answer.records.size != 0) {
      payloads.push_back(std::make_shared<SlicePayload>(std::move(found.slices)));
    }
    add(response, *look.wanted, std::move(found.answer));
  }
  session_->rotate();
  context_.metrics.bytes_out.add(round.bytes);
  request_.reply_spliced(response, std::move(payloads));
}

void FetchPoll::answer_error(ErrorCode error) {
  wire::FetchResponse response;
  response.error_code = error;
  request_.reply(response);
}

void FetchPoll::leave() {
  if (parked_) session_->bell().set_sleeper({});
  session_->turns().leave();
}

}  // namespace horolog::broker
