// horolog task submit and dlq ls: tasks that are given out, and those that were put aside.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "horolog/consumer.hpp"
#include "horolog/producer.hpp"
#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "tools/cluster_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/text.hpp"
#include "tools/topic_scan.hpp"
#include "worker/names.hpp"

namespace horolog::command {
namespace {

namespace header = scheduler::header;

constexpr Column submit_columns[] = {
    {.name = "fire_id", .key = true, .when_used = true},
    {.name = "schedule", .when_used = true},
    {"topic"},
    {"partition", ColumnType::integer},
    {"offset", ColumnType::integer},
};
constexpr SectionSpec submit_output[] = {{"task", submit_columns, true}};

constexpr Column letter_columns[] = {
    {.name = "fire_id", .key = true},
    {"at", ColumnType::time, "when it was put aside"},
    {"attempt", ColumnType::integer, "the last one's number"},
    {"cause"},
    {.name = "origin", .meaning = "topic:partition:offset of the task's record"},
    {.name = "partition", .type = ColumnType::integer, .meaning = "of the dead letter",
     .wide = true},
    {.name = "offset", .type = ColumnType::integer, .wide = true},
    {.name = "worker", .wide = true},
};
constexpr SectionSpec letter_output[] = {{"dead_letters", letter_columns}};

std::string read_input() {
  std::string text;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, stdin)) > 0) text.append(buffer, got);
  return text;
}

struct OwnedHeader {
  std::string name, value;
};

/// The headers that the flags ask for; the error names the flag.
Result<std::vector<OwnedHeader>> headers_of(const Context& context) {
  std::vector<OwnedHeader> out;
  for (const std::string& pair : context.all("--header")) {
    const std::size_t equals = pair.find('=');
    const std::string name = pair.substr(0, equals);
    if (name.starts_with(scheduler::header_prefix))
      return Error(Errc::invalid_argument,
                   fmt::format("--header {}: names that begin with {} have flags of their own",
                               name, scheduler::header_prefix));
    out.push_back({name, equals == std::string::npos ? "" : pair.substr(equals + 1)});
  }
  const std::pair<std::string_view, std::string_view> ours[] = {
      {"--priority", header::priority},         {"--lane", header::lane},
      {"--expires", header::expires},           {"--max-attempts", header::max_attempts},
      {"--backoff", header::backoff},           {"--task-timeout", header::timeout}};
  for (const auto& [flag, name] : ours)
    if (const auto value = context.text(flag)) out.push_back({std::string(name), *value});
  const std::int64_t priority = context.integer("--priority", 5);
  if (priority < 0 || priority > 9)
    return Error(Errc::invalid_argument, "--priority is not between 0 and 9");
  if (context.integer("--max-attempts", 1) < 1)
    return Error(Errc::invalid_argument, "--max-attempts must be at least 1: the first one counts");
  return out;
}

Result<Position> send(const Context& context, const std::string& topic, PartitionIndex partition,
                      const std::optional<std::string>& key, const std::string& value,
                      const std::vector<OwnedHeader>& headers) {
  ProducerOptions options;
  options.client = client_options(context);
  options.create_topics = false;
  options.delivery_timeout = options.max_block = options.client.request_timeout;
  HOROLOG_ASSIGN(Producer producer, Producer::open(std::move(options)));
  std::vector<HeaderView> views;
  for (const OwnedHeader& each : headers) views.push_back({each.name, each.value});
  return producer
      .submit({.topic = topic, .partition = partition, .key = key, .value = value,
               .headers = views})
      .get();
}

Result<PartitionIndex> partitions_of(const Context& context, const std::string& topic) {
  ConsumerOptions options;
  options.client = client_options(context);
  const auto timeout = options.client.request_timeout;
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(options)));
  return consumer.partitions_for(topic, timeout);
}

Exit print_sent(Context& context, const Cell& fire_id, const Cell& schedule,
                const std::string& topic, const Position& at) {
  Report report;
  report.add(submit_output[0])
      .rows.push_back({fire_id, schedule, topic, std::int64_t{at.partition}, at.offset});
  context.print(report);
  return Exit::ok;
}

/// Due later, or unique: a schedule that fires once.
Exit submit_later(Context& context, const std::string& topic, const std::string& value,
                  std::vector<OwnedHeader> headers) {
  const std::string commands(scheduler::topic::commands);
  const auto partitions = partitions_of(context, commands);
  if (!partitions) return fail_cluster(context, partitions.error(), commands);
  const std::string name = context.text("--unique").value_or(
      fmt::format("task:{}", scheduler::uuid_text(Uuid::random())));
  headers.push_back({std::string(header::topic), topic});
  if (const auto key = context.text("--key")) headers.push_back({std::string(header::key), *key});
  if (const auto at = context.text("--at")) {
    const auto time = parse_time(*at, context.now());
    if (!time)
      return context.fail(Exit::usage, fmt::format("--at '{}' is no time", *at),
                          "write 2026-01-31T10:00+01:00");
    headers.push_back({std::string(header::at), std::to_string(time->time)});
  } else {
    headers.push_back({std::string(header::delay),
                       fmt::format("{}ms", std::max<std::int64_t>(
                                               1, context.duration_ms("--delay", 1)))});
  }
  const auto sent = send(context, commands,
                         scheduler::canonical_partition(name, *partitions), name, value, headers);
  if (!sent) return fail_cluster(context, sent.error(), commands);
  return print_sent(context, Cell(), name, topic, *sent);
}

std::optional<std::string> text_of(const RecordView& record, std::string_view name) {
  for (const HeaderView& each : record.headers)
    if (each.key == name && !each.value.is_null()) return std::string(each.value.text());
  return std::nullopt;
}

Cell number_of(const RecordView& record, std::string_view name) {
  const auto text = text_of(record, name);
  return text ? cell_of(parse_integer(*text)) : Cell();
}

}  // namespace

std::span<const SectionSpec> task_submit_output() { return submit_output; }
std::span<const SectionSpec> task_dlq_ls_output() { return letter_output; }

Exit run_task_submit(Context& context) {
  const std::string topic = context.args()[0];
  if (context.has("--at") && context.has("--delay"))
    return context.fail(Exit::usage, "--at and --delay contradict each other", "keep one");
  auto headers = headers_of(context);
  if (!headers) return context.fail(headers.error());
  if (const auto known = partitions_of(context, topic); !known)
    return fail_cluster(context, known.error(), topic);
  const std::string value = context.args().size() > 1 ? context.args()[1] : read_input();
  if (context.has("--at") || context.has("--delay") || context.has("--unique"))
    return submit_later(context, topic, value, std::move(*headers));
  const auto sent =
      send(context, topic, any_partition, context.text("--key"), value, *headers);
  if (!sent) return fail_cluster(context, sent.error(), topic);
  return print_sent(context, scheduler::produced_fire_id(topic, sent->partition, sent->offset),
                    Cell(), topic, *sent);
}

Exit run_task_dlq_ls(Context& context) {
  std::string topic = context.args()[0];
  if (!topic.ends_with(worker::dead_letter_suffix)) topic += worker::dead_letter_suffix;
  Report report;
  Section& section = report.add(letter_output[0]);
  const Status read = scan_topic(context, topic, {}, [&](const RecordView& record) {
    const std::string origin = fmt::format(
        "{}:{}:{}", text_of(record, worker::header::dead_topic).value_or("?"),
        text_of(record, worker::header::dead_partition).value_or("?"),
        text_of(record, worker::header::dead_offset).value_or("?"));
    section.rows.push_back({cell_of(text_of(record, header::fire_id)),
                            number_of(record, worker::header::dead_at),
                            number_of(record, header::attempt),
                            cell_of(text_of(record, worker::header::dead_cause)), origin,
                            std::int64_t{record.partition}, record.offset,
                            cell_of(text_of(record, worker::header::dead_worker))});
  });
  if (!read) return fail_cluster(context, read.error(), topic);
  context.print(report);
  return Exit::ok;
}

}  // namespace horolog::command
