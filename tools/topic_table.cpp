#include "tools/families.hpp"
#include "tools/topic_commands.hpp"

namespace horolog::command {
namespace {

constexpr Arg some_topics[] = {{.name = "TOPIC",
                                .type = ValueType::topic,
                                .summary = "the topics (default: all)",
                                .required = false,
                                .variadic = true,
                                .flag = "--topic"}};
constexpr Arg topics_arg[] = {{.name = "TOPIC",
                               .type = ValueType::topic,
                               .summary = "the topics",
                               .variadic = true,
                               .flag = "--topic"}};
constexpr Arg new_topics[] = {
    {.name = "NAME", .summary = "the new topics", .variadic = true, .flag = "--topic"}};
constexpr Arg alter_args[] = {
    {.name = "TOPIC", .type = ValueType::topic, .summary = "the topic", .flag = "--topic"},
    {.name = "SETTING=VALUE",
     .summary = "a setting; 'name=' sets it back to the default",
     .variadic = true}};
constexpr Arg add_args[] = {
    {.name = "TOPIC", .type = ValueType::topic, .summary = "the topic", .flag = "--topic"},
    {"TOTAL", ValueType::integer, "how many it shall have in all"}};
constexpr Arg partitions_arg[] = {{.name = "TOPIC[:PARTITIONS]",
                                   .type = ValueType::topic,
                                   .summary = "like orders or orders:0,2-4",
                                   .variadic = true,
                                   .flag = "--topic"}};

constexpr Flag regex_flag = {
    .name = "--regex", .letter = 'r', .summary = "the words are regular expressions"};
constexpr Flag yes_flag = {.name = "--yes", .letter = 'y', .summary = "do not ask"};
constexpr Flag dry_flag = {.name = "--dry-run", .summary = "check it, and change nothing"};

constexpr Flag list_flags[] = {regex_flag,
                               {.name = "--internal", .summary = "those of the cluster too"}};
constexpr Flag describe_flags[] = {
    regex_flag, {.name = "--all-configs", .summary = "settings that have their default too"}};
constexpr Alias replica_aliases[] = {{.name = "--replication-factor"}};
constexpr Flag create_flags[] = {
    {.name = "--partitions",
     .letter = 'p',
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "how many (default: the broker's num.partitions)"},
    {.name = "--replicas",
     .letter = 'r',
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "of each partition (default: the broker's)",
     .aliases = replica_aliases},
    {.name = "--config",
     .letter = 'c',
     .type = ValueType::key_value,
     .placeholder = "SETTING=VALUE",
     .summary = "a setting of the topic",
     .repeatable = true},
    {.name = "--if-not-exists", .summary = "a topic that exists is no error"},
    dry_flag};
constexpr Flag alter_flags[] = {dry_flag};
constexpr Flag rm_flags[] = {regex_flag, yes_flag};
constexpr Flag trim_flags[] = {
    {.name = "--before",
     .type = ValueType::text,
     .placeholder = "WHERE",
     .summary = "an offset, @TIME or latest: what lies before it goes"},
    dry_flag,
    yes_flag};
constexpr Flag offsets_flags[] = {
    {.name = "--at",
     .type = ValueType::text,
     .placeholder = "WHEN",
     .summary = "the first record at or after: 2h (ago), 2026-01-31T10:00+01:00; max-ts"},
    {.name = "--diff",
     .type = ValueType::text,
     .placeholder = "FILE|TIME",
     .summary = "what was appended since the offsets in a file, or within 5s"}};

constexpr Example create_examples[] = {
    {"topic create orders -p 6 -c retention.ms=604800000", "six partitions, kept for a week"}};
constexpr Example offsets_examples[] = {
    {"offsets orders:0,2-4", "start, end and stable offset of some partitions"},
    {"offsets orders --at 2h", "where the records of two hours ago begin"},
    {"offsets orders --diff 5s", "what is appended in five seconds"}};
constexpr Example trim_examples[] = {
    {"topic trim orders --before @-7d", "removes what is older than a week"}};
constexpr Example ls_examples[] = {{"topic ls -r orders-.*", "by a regular expression"}};

void add_views(Commands& table) {
  static const Command commands[] = {
      {.path = "topic ls",
       .summary = "List the topics",
       .args = some_topics,
       .flags = list_flags,
       .examples = ls_examples,
       .output = topic_ls_output(),
       .run = run_topic_ls},
      {.path = "topic describe",
       .summary = "Show partitions, offsets, sizes and settings of topics",
       .args = topics_arg,
       .flags = describe_flags,
       .output = topic_describe_output(),
       .run = run_topic_describe,
       .alias = "show"},
      {.path = "offsets",
       .summary = "Show the offsets of topics, at a time too",
       .args = partitions_arg,
       .flags = offsets_flags,
       .examples = offsets_examples,
       .output = offsets_output(),
       .run = run_offsets},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_changes(Commands& table) {
  static const Command commands[] = {
      {.path = "topic create",
       .summary = "Make topics",
       .args = new_topics,
       .flags = create_flags,
       .examples = create_examples,
       .output = topic_create_output(),
       .run = run_topic_create},
      {.path = "topic alter",
       .summary = "Change settings of a topic",
       .args = alter_args,
       .flags = alter_flags,
       .run = run_topic_alter},
      {.path = "topic rm",
       .summary = "Delete topics with all their records",
       .args = topics_arg,
       .flags = rm_flags,
       .run = run_topic_rm,
       .alias = "delete"},
      {.path = "topic add-partitions",
       .summary = "Give a topic more partitions",
       .args = add_args,
       .flags = alter_flags,
       .run = run_topic_add_partitions},
      {.path = "topic trim",
       .summary = "Remove the oldest records of topics",
       .args = partitions_arg,
       .flags = trim_flags,
       .examples = trim_examples,
       .output = topic_trim_output(),
       .run = run_topic_trim},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace

void add_topic_commands(Commands& table) {
  add_views(table);
  add_changes(table);
}

}  // namespace horolog::command
