#include "tools/families.hpp"
#include "tools/stream_commands.hpp"

namespace horolog::command {
namespace {

constexpr Arg produce_args[] = {
    {.name = "TOPIC",
     .type = ValueType::topic,
     .summary = "where the records go; may be left out when they say it themselves (%t, --json)",
     .required = false,
     .flag = "--topic"}};
constexpr Arg consume_args[] = {{.name = "TOPIC[:PARTITIONS]",
                                 .type = ValueType::topic,
                                 .summary = "like orders or orders:0,2-4",
                                 .variadic = true,
                                 .flag = "--topic"}};

constexpr Alias acks_aliases[] = {{.name = "--request-required-acks"},
                                  {.name = "--required-acks"}};
constexpr Alias compression_aliases[] = {{.name = "--compression-codec"}};
constexpr Alias property_aliases[] = {{.name = "--reader-property"}};
constexpr Alias batch_aliases[] = {{.name = "--batch-size"}};
constexpr Alias create_aliases[] = {{.name = "--allow-auto-topic-creation"}};
constexpr Alias key_delimiter_aliases[] = {{.name = "--key-separator"}};
constexpr Alias from_beginning[] = {
    {.name = "--from-beginning", .prefix = "start", .takes_value = false}};
constexpr Alias max_aliases[] = {{.name = "--max-messages"}, {.name = "--num"}};
constexpr Alias isolation_aliases[] = {{.name = "--isolation-level"}};
constexpr Alias print_aliases[] = {{.name = "--property"}, {.name = "--formatter-property"}};
constexpr Alias partition_aliases[] = {{.name = "--partitions"}};

constexpr Flag format_flag = {.name = "--format",
                              .letter = 'f',
                              .type = ValueType::text,
                              .placeholder = "TEMPLATE",
                              .summary = "how a record looks, with rpk's verbs: see above"};

constexpr Flag produce_flags[] = {
    format_flag,
    {.name = "--file",
     .letter = 'l',
     .type = ValueType::file,
     .placeholder = "FILE",
     .summary = "read this instead of stdin"},
    {.name = "--key-delimiter",
     .letter = 'K',
     .type = ValueType::text,
     .placeholder = "TEXT",
     .summary = "a line is a key, this (\\t for a tab) and a value",
     .aliases = key_delimiter_aliases},
    {.name = "--property",
     .type = ValueType::key_value,
     .placeholder = "NAME=VALUE",
     .summary = "as for Kafka's console producer: parse.key=true, key.separator=TEXT",
     .repeatable = true,
     .aliases = property_aliases},
    {.name = "--key",
     .letter = 'k',
     .type = ValueType::text,
     .placeholder = "KEY",
     .summary = "for records without one"},
    {.name = "--header",
     .letter = 'H',
     .type = ValueType::key_value,
     .placeholder = "NAME=VALUE",
     .summary = "added to every record",
     .repeatable = true},
    {.name = "--tombstone", .letter = 'Z', .summary = "an empty value is null: deletes its key"},
    {.name = "--partition",
     .letter = 'p',
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "where all records go, whatever they say; -1: chosen by the key",
     .aliases = partition_aliases},
    {.name = "--timestamp",
     .type = ValueType::text,
     .placeholder = "TIME",
     .summary = "for records without one (default: now)"},
    {.name = "--acks",
     .type = ValueType::choice,
     .placeholder = "WHO",
     .summary = "who answers; with less than all a record may be lost or doubled",
     .choices = "all|leader|none|-1|1|0",
     .aliases = acks_aliases},
    {.name = "--compression",
     .letter = 'z',
     .type = ValueType::choice,
     .placeholder = "CODEC",
     .summary = "of batches (default none)",
     .choices = "none|gzip|snappy|lz4|zstd",
     .aliases = compression_aliases},
    {.name = "--batch-bytes",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "of a batch, before compression (default 524288); a topic refuses more than its "
                "max.message.bytes",
     .aliases = batch_aliases},
    {.name = "--delivery-timeout",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "after this a record has failed (default 30s)"},
    {.name = "--create",
     .summary = "the broker may create the topic, if its settings allow it",
     .aliases = create_aliases}};

constexpr Flag consume_flags[] = {
    {.name = "--offset",
     .letter = 'o',
     .type = ValueType::text,
     .placeholder = "WHERE",
     .summary = "where to begin, and to end: start (default), end, 5, +5, -5, 5:10, :end, @TIME, "
                "@TIME:TIME, s@TIME, e@TIME",
     .repeatable = true,
     .aliases = from_beginning},
    {.name = "--partition",
     .letter = 'p',
     .type = ValueType::text,
     .placeholder = "LIST",
     .summary = "only these, like 0,2-4",
     .aliases = partition_aliases},
    {.name = "--regex", .letter = 'r', .summary = "the words are regular expressions"},
    {.name = "--group",
     .letter = 'g',
     .type = ValueType::group,
     .placeholder = "GROUP",
     .summary = "as its member: goes on where it stopped, and commits what was printed"},
    {.name = "--exit-at-end",
     .letter = 'e',
     .summary = "stop at what was the end when it began"},
    {.name = "--max",
     .letter = 'n',
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "stop after N records",
     .aliases = max_aliases},
    {.name = "--timeout",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "stop when no record has come for so long"},
    format_flag,
    {.name = "--key-delimiter",
     .letter = 'K',
     .type = ValueType::text,
     .placeholder = "TEXT",
     .summary = "print the key, this (\\t for a tab) and the value",
     .aliases = key_delimiter_aliases},
    {.name = "--print",
     .type = ValueType::text,
     .placeholder = "WHAT",
     .summary = "instead of a template, between tabs: some of topic, partition, offset, "
                "timestamp, key, headers, value",
     .repeatable = true,
     .aliases = print_aliases},
    {.name = "--grep",
     .type = ValueType::text,
     .placeholder = "REGEX",
     .summary = "only records whose value matches (POSIX, extended)"},
    {.name = "--filter-key",
     .type = ValueType::text,
     .placeholder = "REGEX",
     .summary = "only records whose key matches"},
    {.name = "--isolation",
     .type = ValueType::choice,
     .placeholder = "LEVEL",
     .summary = "whether records of open and aborted transactions are seen (default: they are)",
     .choices = "read_uncommitted|read_committed",
     .aliases = isolation_aliases}};

constexpr std::string_view produce_details =
    "Each line is the value of a record. -f takes records apart by a template: %k key, %v value,\n"
    "%t topic, %p partition, %d timestamp, %H and %h{…} headers, %K %V %T lengths; text between\n"
    "them delimits. In braces behind them: {hex} {base64} {json} {re[PATTERN]} of text, {ascii}\n"
    "{hex32} {big16} {little64} {byte} {bool} of numbers, {20} for a length that is always so.\n"
    "With --json each line is an object as 'horolog consume --json' prints it, and the report is\n"
    "JSON too. At the first record that cannot be read or delivered nothing more is read; what\n"
    "was delivered is printed, by partition.";

constexpr std::string_view consume_details =
    "Prints the value of each record on a line. -f is a template: %t topic, %p partition, %o\n"
    "offset, %k key, %v value, %d timestamp, %H number of headers, %h{%k=%v } headers, %K %V %T\n"
    "lengths, %e leader epoch, %x %y producer id and epoch, %a{compression} %a{timestamp-type}\n"
    "%a{transactional-bit} attributes, %i number, %[ %| %] start, stable and end offset of the\n"
    "partition as they were at the beginning; \\n \\t \\xFF. In braces behind: {hex} {base64}\n"
    "{unpack[>iq$]} of text, {hex32} {big16} {little64} {byte} {bool} of numbers, {rfc3339}\n"
    "{strftime[%F]} {go[2006-01-02]} of %d. --json prints an object a line, with key_base64 and\n"
    "value_base64 where they are not UTF-8.";

constexpr Example produce_examples[] = {
    {"produce orders", "a record for each line of stdin"},
    {"produce orders -K : -z zstd -l orders.txt", "keys and values from a file, compressed"},
    {"produce orders -f '%k{hex} %V{big32}%v'", "a hexadecimal key, and a value with its length"},
    {"consume orders -e --json | horolog produce copy --json", "copies a topic"}};
constexpr Example consume_examples[] = {
    {"consume orders -o -10 -e", "the last ten records of each partition"},
    {"consume orders -o @2h --grep 'total\":9[0-9]'", "since two hours ago, those that match"},
    {"consume orders -f '%p %o %k %d{rfc3339} %v\\n'", "where, when, which and what"},
    {"consume orders:0 -o s@1769850000000 -o e@1769853600000", "an hour of one partition"}};

}  // namespace

void add_stream_commands(Commands& table) {
  static const Command commands[] = {
      {.path = "produce",
       .summary = "Write records from stdin or a file to a topic",
       .details = produce_details,
       .args = produce_args,
       .flags = produce_flags,
       .examples = produce_examples,
       .output = produce_output(),
       .run = run_produce},
      {.path = "consume",
       .summary = "Print records of topics",
       .details = consume_details,
       .args = consume_args,
       .flags = consume_flags,
       .examples = consume_examples,
       .run = run_consume},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace horolog::command
