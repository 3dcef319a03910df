#include "client/fetch_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/broker_error.hpp"

namespace horolog::client {
namespace {

constexpr std::int16_t first_with_sessions = 7;
constexpr std::int16_t first_with_ids = 13;

bool same(const FetchWanted& a, const FetchWanted& b) {
  return a.offset == b.offset && a.leader_epoch == b.leader_epoch && a.topic_id == b.topic_id &&
         a.max_bytes == b.max_bytes;
}

}  // namespace

bool all_have_ids(const std::vector<FetchWanted>& wanted) {
  return std::ranges::none_of(wanted, [](const auto& one) { return one.topic_id.is_zero(); });
}

void FetchSession::add(wire::FetchRequest& request, const FetchWanted& wanted, bool by_id) {
  const std::string& name = wanted.partition.topic;
  const bool last_fits =
      !request.topics.empty() && (by_id ? request.topics.back().topic_id == wanted.topic_id
                                        : request.topics.back().topic == name);
  if (!last_fits) {
    request.topics.push_back({.topic = by_id ? std::string() : name,
                              .topic_id = by_id ? wanted.topic_id : Uuid()});
  }
  request.topics.back().partitions.push_back({.partition = wanted.partition.partition,
                                              .current_leader_epoch = wanted.leader_epoch,
                                              .fetch_offset = wanted.offset,
                                              .partition_max_bytes = wanted.max_bytes});
}

void FetchSession::forget(wire::FetchRequest& request, const Known& wanted) const {
  for (const auto& [tp, old] : known_) {
    const auto kept = wanted.find(tp);
    // A topic made anew under its old name is another one to a session by ids.
    if (kept != wanted.end() && (!by_id_ || kept->second.topic_id == old.topic_id)) continue;
    request.forgotten_topics_data.push_back({.topic = by_id_ ? std::string() : tp.topic,
                                             .topic_id = by_id_ ? old.topic_id : Uuid(),
                                             .partitions = {tp.partition}});
  }
}

void FetchSession::build(std::vector<FetchWanted> wanted, std::int16_t version,
                         wire::FetchRequest& request) {
  const bool by_id = version >= first_with_ids;
  if (by_id != by_id_) id_ = epoch_ = 0;
  by_id_ = by_id;
  Known now;
  for (FetchWanted& one : wanted) now.insert_or_assign(one.partition, std::move(one));
  const bool whole = epoch_ == 0 || version < first_with_sessions;
  for (const auto& [tp, one] : now) {
    const auto known = known_.find(tp);
    if (whole || known == known_.end() || !same(known->second, one)) add(request, one, by_id);
  }
  if (!whole) forget(request, now);
  if (version >= first_with_sessions) {
    request.session_id = id_;
    request.session_epoch = epoch_;
  }
  known_ = std::move(now);
}

Status FetchSession::take(wire::FetchResponse& answer, const OnPart& part) {
  if (answer.error_code != wire::ErrorCode::none) {
    id_ = epoch_ = 0;
    return broker_error(answer.error_code, "cannot fetch").with_remedy(Remedy::retry);
  }
  if (epoch_ != 0 && answer.session_id != id_) {
    const std::int32_t mine = std::exchange(id_, 0);
    epoch_ = 0;
    return Error(Errc::corrupt, fmt::format("the broker answered fetch session {} in session {}",
                                            mine, answer.session_id));
  }
  id_ = answer.session_id;
  epoch_ = id_ == 0 ? 0 : (epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1);
  std::map<Uuid, std::string> names;
  if (by_id_) {
    for (const auto& [tp, one] : known_) names.emplace(one.topic_id, tp.topic);
  }
  std::size_t strange = 0;
  for (auto& topic : answer.responses) {
    const auto name = names.find(topic.topic_id);
    for (auto& one : topic.partitions) {
      const auto known =
          by_id_ && name == names.end()
              ? known_.end()
              : known_.find({by_id_ ? name->second : topic.topic, one.partition_index});
      if (known == known_.end()) {
        ++strange;
      } else {
        part(known->second, one);
      }
    }
  }
  if (strange == 0) return {};
  id_ = epoch_ = 0;
  return Error(Errc::corrupt,
               fmt::format("the broker answered a fetch for {} partitions that were not asked for",
                           strange));
}

}  // namespace horolog::client
