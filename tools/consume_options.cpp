#include "tools/consume_options.hpp"

#include <fmt/format.h>

#include <set>

#include "base/nearest_name.hpp"
#include "tools/partition_selection.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

struct Shown {
  std::string_view name;
  std::string_view piece;
};
/// In the order in which they are printed; values without the others are what one asks for last.
constexpr Shown shown[] = {
    {"topic", "%t"},         {"partition", "%p"}, {"offset", "%o"},
    {"timestamp", "%d{rfc3339}"}, {"key", "%k"},  {"headers", "%h{%k=%v }"},
    {"value", "%v"}};

Error wrong(std::string text) { return {Errc::invalid_argument, std::move(text)}; }

/// Signs of a template stand for themselves; escapes are left.
std::string literal_text(std::string_view text) {
  std::string literal;
  for (const char c : text) {
    if (c == '%' || c == '{' || c == '}') literal += '%';
    literal += c;
  }
  return literal;
}

Status take_shown(std::string_view word, std::set<std::string_view>& names) {
  // Kafka's console consumer: print.key=true; the value is printed unless it says otherwise.
  bool wanted = true;
  if (word.starts_with("print.")) {
    word.remove_prefix(6);
    const std::size_t equals = word.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? "" : word.substr(equals + 1);
    if (value != "true" && value != "false") {
      return wrong(fmt::format("--print: 'print.{}' is neither true nor false", word));
    }
    wanted = value == "true";
    word = word.substr(0, equals);
  }
  std::vector<std::string_view> known;
  for (const Shown& each : shown) {
    known.push_back(each.name);
    if (each.name != word) continue;
    if (wanted) {
      names.insert(each.name);
    } else {
      names.erase(each.name);
    }
    return {};
  }
  const auto near = nearest_name(word, known);
  return wrong(fmt::format("--print: '{}' is none of {}{}", word, fmt::join(known, ", "),
                           near ? fmt::format(": did you mean '{}'?", *near) : ""));
}

Result<std::optional<BytePattern>> pattern_of(const Context& context, std::string_view flag) {
  const auto text = context.text(flag);
  if (!text) return std::optional<BytePattern>();
  auto pattern = BytePattern::compile(*text);
  if (!pattern) return pattern.error().with_context(flag);
  return std::optional(std::move(*pattern));
}

Status read_output(Context& context, ConsumeRequest& request) {
  const OutputMode mode = context.mode();
  request.json = mode == OutputMode::json || mode == OutputMode::jsonl;
  if (!request.json && mode != OutputMode::table) {
    return wrong("consume prints records: --json or --format say how, no other --output does");
  }
  const auto format = context.text("--format");
  const auto print = context.all("--print");
  const auto delimiter = context.text("--key-delimiter");
  if (request.json + format.has_value() + delimiter.has_value() + !print.empty() > 1) {
    return wrong("--json, --format, --key-delimiter and --print exclude each other");
  }
  std::string text = format.value_or("%v\\n");
  if (delimiter) text = "%k" + literal_text(*delimiter) + "%v\\n";
  if (!print.empty()) {
    HOROLOG_ASSIGN(text, template_for_print(print));
  }
  HOROLOG_ASSIGN(request.pieces, parse_template(text, FormatUse::print));
  HOROLOG_ASSIGN(request.grep, pattern_of(context, "--grep"));
  HOROLOG_ASSIGN(request.filter_key, pattern_of(context, "--filter-key"));
  return {};
}

Status read_range(Context& context, ConsumeRequest& request) {
  for (const std::string& word : context.all("--offset")) {
    if (const Status good = add_offset_range(request.range, word, context.now()); !good) {
      return good.error().with_context("--offset");
    }
  }
  if (request.range.zone_assumed) context.note("no zone was written: times are taken as UTC");
  const auto& to = request.range.to;
  if (to && to->kind == OffsetPoint::Kind::time && to->number > context.now()) {
    return wrong("--offset: the end lies in the future; --timeout says how long to wait");
  }
  return {};
}

Status check_group(const Context& context, const ConsumeRequest& request) {
  using Kind = OffsetPoint::Kind;
  if (request.group.empty()) return {};
  const bool simple = !request.range.to && (request.range.from.kind == Kind::start ||
                                            request.range.from.kind == Kind::end);
  if (!simple) {
    return wrong("--group goes on where the group stopped: --offset can be start or end only, for "
                 "partitions without a committed offset ('horolog group reset' moves a group)");
  }
  bool chosen = !request.partitions.empty();
  for (const std::string& word : context.args()) {
    chosen = chosen || word.find(':') != std::string::npos;
  }
  if (chosen) return wrong("--group: the group shares out the partitions; name topics only");
  return {};
}

}  // namespace

Result<std::string> template_for_print(const std::vector<std::string>& words) {
  std::set<std::string_view> names;
  for (const std::string& word : words) {
    if (word.starts_with("print.")) names.insert("value");
  }
  std::string separator = "\\t";
  constexpr std::string_view separator_name = "key.separator=";
  for (const std::string& word : words) {
    if (word.starts_with(separator_name)) {
      separator = literal_text(word.substr(separator_name.size()));
      continue;
    }
    for (const std::string_view each : split(word, ',')) HOROLOG_TRY(take_shown(each, names));
  }
  std::string text;
  for (const Shown& each : shown) {
    if (!names.contains(each.name)) continue;
    if (!text.empty()) text += separator;
    text += each.piece;
  }
  return text + "\\n";
}

Result<ConsumeRequest> read_consume_request(Context& context) {
  ConsumeRequest request;
  HOROLOG_TRY(read_output(context, request));
  HOROLOG_TRY(read_range(context, request));
  if (const auto list = context.text("--partition")) {
    const auto selection = parse_selection("-:" + *list);
    if (!selection) return wrong(fmt::format("--partition: '{}' is no list like 0,2-4", *list));
    request.partitions = selection->partitions;
  }
  request.group = context.text("--group").value_or("");
  HOROLOG_TRY(check_group(context, request));
  request.exit_at_end = context.has("--exit-at-end");
  if (context.has("--max")) {
    request.max = context.integer("--max", -1);
    if (request.max < 0) return wrong("--max: not below 0");
  }
  request.timeout_ms = context.duration_ms("--timeout", -1);
  request.committed = context.text("--isolation") == "read_committed";
  return request;
}

}  // namespace horolog::command
