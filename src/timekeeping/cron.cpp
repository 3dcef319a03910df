#include "timekeeping/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "timekeeping/cron_field.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::timekeeping {
namespace {

constexpr std::size_t longest_cron = 1'024;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::vector<Word> split(Word text) {
  std::vector<Word> out;
  for (std::size_t i = 0; i < text.text.size();) {
    if (is_space(text.text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.text.size() && !is_space(text.text[end])) ++end;
    out.push_back(text.part(i, end - i));
    i = end;
  }
  return out;
}

Error wrong(std::size_t column, std::string_view problem, std::string_view fix) {
  return spec_error("cron", column, problem, fix);
}

struct Macro {
  std::string_view name, fields;
};
constexpr std::array macros = {
    Macro{"@yearly", "0 0 1 1 *"},  Macro{"@annually", "0 0 1 1 *"},
    Macro{"@monthly", "0 0 1 * *"}, Macro{"@weekly", "0 0 * * 0"},
    Macro{"@daily", "0 0 * * *"},   Macro{"@midnight", "0 0 * * *"},
    Macro{"@hourly", "0 * * * *"}};

/// Reads the prefix that names a zone, and moves `text` behind it.
Status read_zone(Word& text, Cron& out) {
  const std::size_t mark = text.text.starts_with("TZ=")        ? 3
                           : text.text.starts_with("CRON_TZ=") ? 8
                                                               : 0;
  if (mark == 0) return {};
  std::size_t end = mark;
  while (end < text.text.size() && !is_space(text.text[end])) ++end;
  auto zone = Zone::load(text.text.substr(mark, end - mark));
  if (!zone) {
    return spec_error("cron", text.column + mark, "in the prefix", zone.error().message());
  }
  if (end == text.text.size()) {
    return wrong(text.column + end, "nothing follows the zone",
                 "write the fields behind it: TZ=UTC 0 7 * * *");
  }
  out.zone = std::move(zone).value();
  text = text.part(end);
  return {};
}

/// What the two day fields mean together, by dialect.
Status join_days(const FieldReader& day, const Word& day_word, const FieldReader& weekday,
                 const CronOptions& options, Cron& out) {
  CronFields& fields = out.fields;
  switch (options.dialect) {
    case Dialect::standard:
      fields.either_day = !day.begins_with_star() && !weekday.begins_with_star();
      break;
    case Dialect::robfig:
      fields.either_day = !day.has_star() && !weekday.has_star();
      break;
    case Dialect::quartz:
      if (day.is_question() == weekday.is_question()) {
        return wrong(day_word.column,
                     day.is_question() ? "both day fields are ?" : "neither day field is ?",
                     "dialect quartz wants ? in exactly one of day of month and day of week");
      }
      break;
  }
  return {};
}

Status read_fields(const std::vector<Word>& words, const CronOptions& options, Cron& out) {
  std::vector<FieldKind> kinds = {FieldKind::minute, FieldKind::hour, FieldKind::day,
                                  FieldKind::month, FieldKind::weekday};
  const std::size_t count = words.size();
  if (count > 5) kinds.insert(kinds.begin(), FieldKind::second);
  if (count > 6) kinds.push_back(FieldKind::year);

  CronFields& fields = out.fields;
  if (count > 5) fields.seconds = 0;
  const FieldReader* day = nullptr;
  const FieldReader* weekday = nullptr;
  Word day_word, weekday_word;
  std::vector<FieldReader> readers;
  readers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    readers.emplace_back(kinds[i], options, fields, out.surprises);
    HOROLOG_TRY(readers.back().read(words[i]));
    if (kinds[i] == FieldKind::day) day = &readers.back(), day_word = words[i];
    if (kinds[i] == FieldKind::weekday) weekday = &readers.back(), weekday_word = words[i];
    const bool star = readers.back().begins_with_star();
    if (kinds[i] == FieldKind::minute || kinds[i] == FieldKind::hour) {
      fields.follows_real_time = fields.follows_real_time || star;
    }
    if (kinds[i] == FieldKind::year) fields.any_year = words[i].text == "*";
  }
  fields.any_day_of_month = fields.days == 0xfffffffeU;
  fields.any_weekday = fields.weekdays == 0x7f;
  HOROLOG_TRY(join_days(*day, day_word, *weekday, options, out));
  if (!fields.any_day_of_month && !fields.any_weekday) {
    out.surprises.push_back(fmt::format(
        "day of month {} and day of week {} are both set: {}", quoted(day_word.text),
        quoted(weekday_word.text),
        fields.either_day ? "it fires on days when either holds" : "it fires when both hold"));
  }
  return {};
}

Status check_count(const std::vector<Word>& words, Word text, Dialect dialect) {
  const std::size_t least = dialect == Dialect::quartz ? 6 : 5;
  const std::size_t most = dialect == Dialect::robfig ? 6 : 7;
  if (words.size() >= least && words.size() <= most) return {};
  const std::size_t column =
      words.size() > most ? words[most].column : text.column + text.text.size();
  constexpr std::string_view five = "minute hour day month weekday";
  return wrong(column, fmt::format("{} fields, expected {} to {}", words.size(), least, most),
               dialect == Dialect::quartz
                   ? "write second minute hour day month weekday [year]"
               : dialect == Dialect::robfig
                   ? fmt::format("write [second] {}", five)
                   : fmt::format("write {}, with seconds before and a year behind if wanted",
                                 five));
}

/// `@daily` and its like, and `@every`.
Status read_macro(const Word& text, CronOptions options, Cron& out) {
  const std::vector<Word> words = split(text);
  std::string name(words[0].text);
  if (options.dialect != Dialect::robfig) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  }
  if (name == "@every") {
    if (words.size() != 2) {
      return wrong(text.column + text.text.size(), "@every takes one length of time",
                   "write @every 1h30m");
    }
    const auto style = options.dialect == Dialect::robfig ? DurationStyle::go : DurationStyle::any;
    HOROLOG_ASSIGN(out.every, parse_duration(words[1].text, style, "cron", words[1].column));
    return {};
  }
  const auto* macro = std::find_if(macros.begin(), macros.end(),
                                   [&](const Macro& m) { return m.name == name; });
  if (macro == macros.end()) {
    return wrong(text.column, "unknown word " + quoted(words[0].text),
                 name == "@reboot" ? "a schedule has no reboot; use an at or a time"
                                   : "known are @hourly, @daily, @midnight, @weekly, @monthly, "
                                     "@yearly, @annually and @every 1h30m");
  }
  if (words.size() > 1) {
    return wrong(words[1].column, fmt::format("{} behind {}", quoted(words[1].text), name),
                 "such a word stands alone");
  }
  options.dialect = Dialect::standard;
  return read_fields(split(Word{macro->fields, text.column}), options, out);
}

}  // namespace

Result<Cron> parse_cron(std::string_view text, const CronOptions& options) {
  if (text.size() > longest_cron) {
    return wrong(longest_cron + 1, fmt::format("longer than {} bytes", longest_cron),
                 "write a shorter one");
  }
  Cron out;
  Word rest{text, 1};
  const auto trim = [&rest] {
    while (!rest.text.empty() && is_space(rest.text.front())) rest = rest.part(1);
    while (!rest.text.empty() && is_space(rest.text.back())) {
      rest = rest.part(0, rest.text.size() - 1);
    }
  };
  trim();
  HOROLOG_TRY(read_zone(rest, out));
  trim();
  if (rest.text.empty()) return wrong(rest.column, "it is empty", "write 0 7 * * MON-FRI, say");
  if (rest.text[0] == '@') {
    HOROLOG_TRY(read_macro(rest, options, out));
    return out;
  }
  const std::vector<Word> words = split(rest);
  HOROLOG_TRY(check_count(words, rest, options.dialect));
  HOROLOG_TRY(read_fields(words, options, out));
  return out;
}

Result<Dialect> parse_dialect(std::string_view text) {
  for (const Dialect dialect : {Dialect::standard, Dialect::robfig, Dialect::quartz}) {
    if (text == to_string(dialect)) return dialect;
  }
  return Error(Errc::invalid_argument, "unknown dialect " + quoted(text) +
                                           ": write standard, robfig or quartz");
}

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::standard: return "standard";
    case Dialect::robfig: return "robfig";
    case Dialect::quartz: return "quartz";
  }
  return "standard";
}

}  // namespace horolog::timekeeping
