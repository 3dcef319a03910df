#include "scheduler/topic_identity.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json_fields.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

std::string text_of(const Uuid& id) { return id.is_zero() ? std::string() : id.to_string(); }

bool another(const std::string& before, const std::string& now) {
  return !before.empty() && !now.empty() && before != now;
}

}  // namespace

TopicIdentity TopicIdentity::of(std::string cluster, const Uuid& commands, const Uuid& state) {
  return {std::move(cluster), text_of(commands), text_of(state)};
}

std::string TopicIdentity::to_text() const {
  JsonFields fields;
  fields.set("cluster", std::string_view(cluster));
  fields.set("commands", std::string_view(commands));
  fields.set("state", std::string_view(state));
  return fields.to_text();
}

TopicIdentity TopicIdentity::parse(std::string_view metadata) {
  const auto fields = JsonFields::parse(metadata);
  if (!fields) return {};
  return {fields->text("cluster").value_or(""), fields->text("commands").value_or(""),
          fields->text("state").value_or("")};
}

Status check_same_topics(const TopicIdentity& before, const TopicIdentity& now) {
  if (another(before.cluster, now.cluster)) return {};
  if (another(before.state, now.state))
    return Error(Errc::out_of_range,
                 fmt::format("{} was deleted and made anew (its id was {} and is {}): what has "
                             "been fired is not known any more, so nothing is. Stop every "
                             "scheduler of the group, restore the topic, or accept that what "
                             "still stands in {} may fire again; then delete the group (horolog "
                             "group rm) and start",
                             topic::state, before.state, now.state, topic::commands));
  if (another(before.commands, now.commands))
    return Error(Errc::out_of_range,
                 fmt::format("{} was deleted and made anew (its id was {} and is {}): positions "
                             "and generations in {} are of the one before, so nothing is fired. "
                             "Stop every scheduler of the group; to begin with what stands in {} "
                             "now, delete {} and the group (horolog group rm) and start",
                             topic::commands, before.commands, now.commands, topic::state,
                             topic::commands, topic::state));
  return {};
}

}  // namespace horolog::scheduler
