#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tools/cluster_access.hpp"
#include "tools/offset_bounds.hpp"
#include "tools/reset_plan.hpp"
#include "tools/text.hpp"
#include "tools/topic_commands.hpp"

namespace horolog::command {
namespace {

constexpr Column create_columns[] = {
    {.name = "topic", .key = true},
    {"partitions", ColumnType::integer},
    {"replicas", ColumnType::integer},
    {"topic_id"},
    {"outcome", ColumnType::text, "created, exists, or would be created"},
};
constexpr SectionSpec create_output[] = {{"topics", create_columns}};

constexpr Column trim_columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true, .title = "PART"},
    {"start", ColumnType::integer, "before"},
    {"new_start", ColumnType::integer},
    {"end", ColumnType::integer},
    {"removed", ColumnType::integer, "records"},
};
constexpr SectionSpec trim_output[] = {{"plan", trim_columns}};

std::string same(const std::string& name) { return name; }

/// "name=value" words, and "name-" or "name=" without a value: back to the default.
std::vector<ConfigChange> changes_of(const std::vector<std::string>& words,
                                     const ConfigResource& resource) {
  std::vector<ConfigChange> changes;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string value = word.substr(equals + 1);
    const bool remove = value.empty();
    changes.push_back({resource, word.substr(0, equals),
                       remove ? ConfigOperation::remove : ConfigOperation::set,
                       remove ? std::nullopt : std::optional(value)});
  }
  return changes;
}

std::optional<std::int32_t> small(std::int64_t value) {
  if (value < 1 || value > std::numeric_limits<std::int16_t>::max() * 16LL) return std::nullopt;
  return static_cast<std::int32_t>(value);
}

}  // namespace

std::span<const SectionSpec> topic_create_output() { return create_output; }
std::span<const SectionSpec> topic_trim_output() { return trim_output; }

Exit run_topic_create(Context& context) {
  std::vector<NewTopic> topics;
  for (const std::string& name : context.args()) {
    NewTopic topic;
    topic.name = name;
    if (context.has("--partitions")) {
      const auto partitions = small(context.integer("--partitions", 1));
      if (!partitions) return context.fail(Exit::usage, "--partitions: at least 1");
      topic.partitions = *partitions;
    }
    const std::int64_t replicas = context.integer("--replicas", -1);
    if (replicas == 0 || replicas > std::numeric_limits<std::int16_t>::max()) {
      return context.fail(Exit::usage, "--replicas: at least 1");
    }
    topic.replication_factor = static_cast<std::int16_t>(replicas);
    for (const std::string& word : context.all("--config")) {
      topic.configs[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    }
    topics.push_back(std::move(topic));
  }
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const bool dry = context.has("--dry-run");
  const auto created = admin->create_topics(std::move(topics), dry);
  if (!created) return fail_cluster(context, created.error());
  Report report;
  Section& section = report.add(create_output[0]);
  Admin::CreatedTopics failed;
  for (const auto& [name, topic] : *created) {
    constexpr std::int16_t topic_already_exists = 36;
    const bool exists = !topic && topic.error().kafka_code() == topic_already_exists;
    if (topic) {
      section.rows.push_back(
          {name, topic->partitions < 0 ? Cell() : Cell(std::int64_t{topic->partitions}),
           topic->replication_factor < 0 ? Cell() : Cell(std::int64_t{topic->replication_factor}),
           topic->id.is_zero() ? Cell() : Cell(topic->id.to_string()),
           std::string(dry ? "would be created" : "created")});
    } else if (exists && context.has("--if-not-exists")) {
      section.rows.push_back({name, Cell(), Cell(), Cell(), std::string("exists")});
    } else {
      failed.emplace_back(name, topic.error());
    }
  }
  if (!section.rows.empty()) context.print(report);
  const Exit code = report_failures(context, failed, same);
  return code != Exit::ok && !section.rows.empty() ? Exit::partial : code;
}

Exit run_topic_alter(Context& context) {
  const std::string& name = context.args()[0];
  const std::vector<std::string> words(context.args().begin() + 1, context.args().end());
  for (const std::string& word : words) {
    if (word.find('=') != std::string::npos) continue;
    return context.fail(Exit::usage, fmt::format("'{}' is not name=value", word),
                        "'name=' sets it back to the default");
  }
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto done = admin->alter_configs(changes_of(words, {ConfigType::topic, name}),
                                         context.has("--dry-run"));
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, [](const ConfigResource& each) { return each.name; });
}

Exit run_topic_rm(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto topics = select_topics(*admin, context.args(), context.has("--regex"), false);
  if (!topics) return fail_cluster(context, topics.error());
  std::vector<std::string> names;
  for (const TopicDescription& topic : *topics) names.push_back(topic.name);
  if (names.empty()) return context.fail(Exit::not_found, "no topic matches");
  if (!context.has("--yes") &&
      !context.confirm(fmt::format("delete {} and all records?", join(names, ", ")))) {
    return context.fail(Exit::refused, fmt::format("not deleted: {}", join(names, ", ")),
                        "--yes deletes without asking");
  }
  const auto done = admin->delete_topics(names);
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, same);
}

Exit run_topic_add_partitions(Context& context) {
  const auto total = parse_integer(context.args()[1]);
  const auto count = total ? small(*total) : std::nullopt;
  if (!count) {
    return context.fail(Exit::usage, fmt::format("'{}' is no number of partitions",
                                                 context.args()[1]),
                        "say how many the topic shall have in all");
  }
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto done = admin->create_partitions({{context.args()[0], *count}},
                                             context.has("--dry-run"));
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, same);
}

Exit run_topic_trim(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto target = parse_reset_target(context.text("--before").value_or("latest"),
                                         context.now());
  if (!target) return context.fail(target.error());
  using Kind = ResetTarget::Kind;
  const bool known = target->kind == Kind::offset || target->kind == Kind::time ||
                     target->kind == Kind::latest;
  if (!known || !context.has("--before")) {
    return context.fail(Exit::usage, "--before: an offset, @TIME or latest");
  }
  const auto scope = select_partitions(*admin, context.args());
  if (!scope) return fail_cluster(context, scope.error());
  std::vector<Error> errors;
  const auto bounds = offset_bounds(*admin, *scope, false, errors);
  if (!bounds) return fail_cluster(context, bounds.error());
  if (!errors.empty()) return fail_cluster(context, errors.front());
  std::map<TopicPartition, Offset> at_time;
  if (target->kind == Kind::time) {
    std::vector<OffsetQuery> queries;
    for (const auto& id : *scope) queries.push_back({id, OffsetSpec::at_time(target->time)});
    const auto found = admin->list_offsets(std::move(queries));
    if (!found) return fail_cluster(context, found.error());
    for (const auto& [id, answer] : *found) {
      if (answer && answer->offset >= 0) at_time[id] = answer->offset;
    }
  }
  Report report;
  Section& section = report.add(trim_output[0]);
  std::vector<RecordsToDelete> records;
  for (const auto& [id, log] : *bounds) {
    const auto time = at_time.find(id);
    Offset before = target->kind == Kind::offset ? target->number : log.end;
    if (time != at_time.end()) before = time->second;
    before = std::clamp(before, log.start, std::max(log.start, log.end));
    records.push_back({id, before});
    section.rows.push_back({id.topic, std::int64_t{id.partition}, log.start, before, log.end,
                            before - log.start});
  }
  context.print(report);
  if (context.has("--dry-run")) return Exit::ok;
  if (!context.has("--yes") && !context.confirm("remove these records?")) {
    return context.fail(Exit::refused, "nothing was removed", "--yes does it without asking");
  }
  const auto done = admin->delete_records(std::move(records));
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, name_of);
}

}  // namespace horolog::command
