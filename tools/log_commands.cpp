#include "tools/log_commands.hpp"

#include <filesystem>

#include "storage/check_data.hpp"
#include "tools/families.hpp"
#include "tools/progress.hpp"

namespace horolog::command {
namespace {

constexpr Arg directory_arg[] = {
    {"DIR", ValueType::directory, "a data directory, or the directory of one partition"}};
constexpr Arg dump_arg[] = {
    {"PATH", ValueType::file, "the directory of a partition, or a file in it"}};

constexpr Flag dump_flags[] = {
    {.name = "--records", .letter = 'r', .summary = "the records of each batch"},
    {.name = "--from",
     .type = ValueType::integer,
     .placeholder = "OFFSET",
     .summary = "batches that end at or above this offset only"},
    {.name = "--to",
     .type = ValueType::integer,
     .placeholder = "OFFSET",
     .summary = "batches that start below this offset only"},
    {.name = "--max",
     .letter = 'n',
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "stop after this many batches"},
    {.name = "--logs-only", .summary = "leave indices, snapshots and checkpoints out"},
};
constexpr Flag recover_flags[] = {
    {.name = "--dry-run", .summary = "say what a start of the broker would do; required"}};

constexpr Example ls_examples[] = {
    {"log ls /var/lib/horolog", "the partitions of a data directory"},
    {"log ls /var/lib/horolog/orders-0", "the segments of a partition"}};
constexpr Example dump_examples[] = {
    {"log dump /var/lib/horolog/orders-0 --records --from 1000", "records from an offset on"},
    {"log dump /var/lib/horolog/__consumer_offsets-1 -r --output jsonl",
     "commits and groups, decoded"}};
constexpr Example verify_examples[] = {
    {"log verify /var/lib/horolog", "everything; exit 4 when something is damaged"},
    {"log verify /var/lib/horolog/orders-0 --json", "one partition, for a program"}};
constexpr Example recover_examples[] = {
    {"log recover /var/lib/horolog --dry-run", "what a start after a crash would cut off"}};

constexpr char dump_details[] =
    "Goes on past damage and says what it skipped. Records of __consumer_offsets,\n"
    "__transaction_state and __cluster_metadata are decoded. Exit 4 when bytes were skipped.";
constexpr char verify_details[] =
    "The same check as 'horologd check': it reads everything once, changes nothing, and keeps a\n"
    "broker from starting in the directory meanwhile. Exit 4: damaged; 6: a broker runs there.";

constexpr Column verify_columns[] = {
    {"directory", ColumnType::text, "as given"},
    {"sound", ColumnType::flag, "no finding is damage"},
    {"clean_stop", ColumnType::flag, "the mark of a clean stop stands there"},
    {"partitions", ColumnType::integer, "walked, the catalog included"},
    {"segments", ColumnType::integer},
    {"batches", ColumnType::integer},
    {"records", ColumnType::integer},
    {"bytes", ColumnType::bytes, "read and checked"},
    {"seconds", ColumnType::number, "that it took"},
};
constexpr Column finding_columns[] = {
    {"severity", ColumnType::text, "damage or note"},
    {"file", ColumnType::text, "below the directory"},
    {"position", ColumnType::integer, "byte in the file at which it starts"},
    {"what", ColumnType::text},
    {"fix", ColumnType::text},
};
constexpr SectionSpec verify_output[] = {{"report", verify_columns, true},
                                         {"findings", finding_columns}};

/// What there is to be read, about: files come and go, and some are not looked at.
std::uint64_t bytes_below(const std::string& directory) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(directory, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    if (at->is_regular_file(ignored)) bytes += at->file_size(ignored);
  }
  return bytes;
}

}  // namespace

Exit run_log_verify(Context& context) {
  const std::string& directory = context.args()[0];
  if (context.mode() != OutputMode::table && context.mode() != OutputMode::wide &&
      context.mode() != OutputMode::json) {
    return context.fail(Exit::usage, "log verify prints text or --output json");
  }
  const SystemClock clock;
  const MonoNs began = clock.mono_ns();
  storage::ReadBytes read = 0;
  const auto report = [&] {
    const Progress progress(context, [&, all = bytes_below(directory)] {
      return progress_bar(read, all);
    });
    return storage::check_data(directory, &read);
  }();
  if (!report) {
    const Errc code = report.error().code();
    // No data directory is a mistake of the command line, as horologd check has it.
    if (code == Errc::not_found) return context.fail(Exit::usage, report.error().message());
    return context.fail(report.error());
  }
  const double seconds = static_cast<double>(clock.mono_ns() - began) / 1e9;
  context.write(context.mode() == OutputMode::json
                    ? storage::report_json(directory, *report, seconds)
                    : storage::report_text(directory, *report, seconds));
  return report->damaged() ? Exit::damaged : Exit::ok;
}

void add_log_commands(Commands& table) {
  static const Command commands[] = {
      {.path = "log ls",
       .summary = "List the partitions or segments in a directory",
       .args = directory_arg,
       .examples = ls_examples,
       .output = log_ls_output(),
       .run = run_log_ls},
      {.path = "log dump",
       .summary = "Print what is in the files of a partition",
       .details = dump_details,
       .args = dump_arg,
       .flags = dump_flags,
       .examples = dump_examples,
       .output = log_dump_output(),
       .run = run_log_dump},
      {.path = "log verify",
       .summary = "Check every file of a data directory or partition",
       .details = verify_details,
       .args = directory_arg,
       .examples = verify_examples,
       .output = verify_output,
       .run = run_log_verify},
      {.path = "log recover",
       .summary = "Say what a start after a crash would cut off",
       .args = directory_arg,
       .flags = recover_flags,
       .examples = recover_examples,
       .output = log_recover_output(),
       .run = run_log_recover},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace horolog::command
