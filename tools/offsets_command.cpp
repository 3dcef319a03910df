#include <fmt/format.h>

#include "tools/cluster_access.hpp"
#include "tools/offset_bounds.hpp"
#include "tools/offsets_csv.hpp"
#include "tools/settings_files.hpp"
#include "tools/text.hpp"
#include "tools/topic_commands.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true, .title = "PART"},
    {"start", ColumnType::integer},
    {"end", ColumnType::integer},
    {"stable", ColumnType::integer, "readers of committed records see up to here"},
    {"count", ColumnType::integer, "end minus start"},
    {"newest", ColumnType::time, "timestamp of the newest record"},
    {.name = "at", .type = ColumnType::integer,
     .meaning = "with --at: the first record that is as new", .when_used = true},
    {.name = "at_timestamp", .type = ColumnType::time,
     .meaning = "of that record", .when_used = true},
    {.name = "before", .type = ColumnType::integer,
     .meaning = "with --diff: the end that the file has, or at the first look",
     .when_used = true},
    {.name = "diff", .type = ColumnType::integer, .meaning = "end minus before",
     .when_used = true},
    {.name = "per_s", .type = ColumnType::number,
     .meaning = "with --diff TIME: records appended in a second", .when_used = true,
     .title = "IN/S"},
};
constexpr SectionSpec output[] = {{"partitions", columns}};

/// Words for --at: "max-ts" and what parse_time() reads.
Result<OffsetSpec> read_at(Context& context, const std::string& text) {
  if (text == "max-ts" || text == "max-timestamp") return OffsetSpec::max_timestamp();
  if (text == "earliest") return OffsetSpec::earliest();
  if (text == "latest") return OffsetSpec::latest();
  const auto time =
      parse_time(text.starts_with('@') ? std::string_view(text).substr(1) : text, context.now());
  if (!time) {
    return Error(Errc::invalid_argument,
                 fmt::format("--at: '{}' is no time: write it like 2h, 2026-01-31T10:00+01:00 or "
                             "max-ts",
                             text));
  }
  if (time->zone_assumed) {
    context.note(fmt::format("no zone was written: {} (UTC) was taken", format_time(time->time)));
  }
  return OffsetSpec::at_time(time->time);
}

struct Before {
  std::map<TopicPartition, Offset> ends;
  double seconds = 0;  ///< between the two looks; 0 for a file
};

Result<Before> read_before(Context& context, Admin& admin, const std::string& word,
                           const std::vector<TopicPartition>& scope) {
  Before before;
  if (const auto time = parse_duration(word)) {
    std::vector<Error> errors;
    const TimestampMs began = context.now();
    HOROLOG_ASSIGN(const auto bounds, offset_bounds(admin, scope, false, errors));
    for (const auto& [id, log] : bounds) before.ends[id] = log.end;
    sleep_ms(*time);
    before.seconds = static_cast<double>(context.now() - began) / 1000;
    return before;
  }
  HOROLOG_ASSIGN(const auto text, read_text_file(word));
  HOROLOG_ASSIGN(const auto rows, parse_offsets_csv(text, word));
  for (const CsvOffset& row : rows) before.ends[row.partition] = row.offset;
  return before;
}

Result<std::map<TopicPartition, ListedOffset>> listed(Admin& admin,
                                                      const std::vector<TopicPartition>& scope,
                                                      OffsetSpec spec, Isolation isolation) {
  std::vector<OffsetQuery> queries;
  for (const TopicPartition& id : scope) queries.push_back({id, spec});
  HOROLOG_ASSIGN(const auto answers, admin.list_offsets(std::move(queries), isolation));
  std::map<TopicPartition, ListedOffset> found;
  for (const auto& [id, answer] : answers) {
    if (answer && answer->offset >= 0) found[id] = *answer;
  }
  return found;
}

}  // namespace

std::span<const SectionSpec> offsets_output() { return output; }

Exit run_offsets(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto scope = select_partitions(*admin, context.args());
  if (!scope) return fail_cluster(context, scope.error());
  Before before;
  if (const auto word = context.text("--diff")) {
    auto read = read_before(context, *admin, *word, *scope);
    if (!read) return fail_cluster(context, read.error());
    before = std::move(*read);
  }
  std::vector<Error> errors;
  const auto bounds = offset_bounds(*admin, *scope, true, errors);
  if (!bounds) return fail_cluster(context, bounds.error());
  const auto stable = listed(*admin, *scope, OffsetSpec::latest(), Isolation::read_committed);
  if (!stable) return fail_cluster(context, stable.error());
  std::map<TopicPartition, ListedOffset> at;
  if (const auto text = context.text("--at")) {
    const auto spec = read_at(context, *text);
    if (!spec) return context.fail(spec.error());
    auto found = listed(*admin, *scope, *spec, Isolation::read_uncommitted);
    if (!found) return fail_cluster(context, found.error());
    at = std::move(*found);
  }
  Report report;
  Section& section = report.add(output[0]);
  for (const auto& [id, log] : *bounds) {
    const auto lso = stable->find(id);
    const auto found = at.find(id);
    const auto earlier = before.ends.find(id);
    const bool compared = earlier != before.ends.end();
    const std::int64_t diff = compared ? log.end - earlier->second : 0;
    section.rows.push_back(
        {id.topic, std::int64_t{id.partition}, log.start, log.end,
         lso != stable->end() ? Cell(lso->second.offset) : Cell(), log.end - log.start,
         cell_of(log.newest), found != at.end() ? Cell(found->second.offset) : Cell(),
         found != at.end() && found->second.timestamp >= 0 ? Cell(found->second.timestamp) : Cell(),
         compared ? Cell(earlier->second) : Cell(), compared ? Cell(diff) : Cell(),
         compared && before.seconds > 0 ? Cell(static_cast<double>(diff) / before.seconds)
                                        : Cell()});
  }
  context.print(report);
  for (const Error& error : errors) fail_cluster(context, error);
  return errors.empty() ? Exit::ok : Exit::partial;
}

}  // namespace horolog::command
