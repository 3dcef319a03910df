// The broker's own settings, offline: horologd knows them, so it is asked.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest_name.hpp"
#include "tools/local_commands.hpp"
#include "tools/subprocess.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {.name = "setting", .key = true},
    {"default"},
    {"topic_setting", ColumnType::text, "what overrides it for one topic"},
    {"also", ColumnType::text, "names under which it is read too"},
    {"meaning"},
};
constexpr SectionSpec output[] = {{"settings", columns}};

struct Explained {
  std::string name;
  std::string preset;
  std::string meaning;
  std::string topic;               ///< the topic's own setting; empty when there is none
  std::vector<std::string> also;
};

/// What stands in `text` between two words; empty without them.
std::string_view between(std::string_view text, std::string_view before, std::string_view behind) {
  const std::size_t from = text.find(before);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + before.size());
  return text.substr(0, text.find(behind));
}

Explained explained(std::string_view name, std::string_view preset, std::string meaning) {
  Explained setting{.name = std::string(name), .preset = std::string(preset), .meaning = {},
                    .topic = {}, .also = {}};
  setting.topic = between(meaning, "(topic: ", ")");
  // The list ends with the sentence; names have stops inside, but no blank behind them.
  std::string_view names = between(meaning, "Also read: ", ". ");
  if (names.ends_with('.')) names.remove_suffix(1);
  if (!names.empty()) {
    for (std::string_view each : split(names, ',')) {
      if (each.starts_with(' ')) each.remove_prefix(1);
      setting.also.emplace_back(each);
    }
  }
  setting.meaning = std::move(meaning);
  return setting;
}

/// Takes the reference file apart: comment lines, then "#name: default" (or a line that is active).
std::vector<Explained> read_reference(std::string_view text) {
  std::vector<Explained> found;
  std::string comment, preset;
  for (const std::string_view line : split(text, '\n')) {
    constexpr std::string_view default_mark = "# default: ";
    if (line.empty()) {
      comment.clear();
      preset.clear();
    } else if (line.starts_with(default_mark)) {
      preset = line.substr(default_mark.size());
    } else if (line.starts_with("# ")) {
      comment += fmt::format("{}{}", comment.empty() ? "" : " ", line.substr(2));
    } else {
      const std::string_view bare = line.starts_with('#') ? line.substr(1) : line;
      const std::size_t colon = bare.find(": ");
      if (colon == std::string_view::npos) continue;
      if (preset.empty()) preset = bare.substr(colon + 2);
      found.push_back(explained(bare.substr(0, colon), preset, std::exchange(comment, {})));
      preset.clear();
    }
  }
  return found;
}

bool is_named(const Explained& setting, const std::string& key) {
  return setting.name == key || setting.topic == key ||
         std::ranges::find(setting.also, key) != setting.also.end();
}

}  // namespace

std::span<const SectionSpec> config_explain_output() { return output; }

Exit run_config_check(Context& context) {
  return become(context, sibling_program("horologd"),
                {"--check-config", "--config", context.args()[0]});
}

Exit run_config_explain(Context& context) {
  const auto reference = capture(sibling_program("horologd"), {"--print-reference"});
  if (!reference) return context.fail(reference.error());
  const std::string& key = context.args()[0];
  const auto settings = read_reference(reference->out);
  const auto found = std::ranges::find_if(
      settings, [&](const Explained& setting) { return is_named(setting, key); });
  if (found == settings.end()) {
    std::vector<std::string_view> names;
    for (const Explained& setting : settings) {
      names.push_back(setting.name);
      if (!setting.topic.empty()) names.push_back(setting.topic);
      names.insert(names.end(), setting.also.begin(), setting.also.end());
    }
    const auto near = nearest_name(key, names);
    return context.fail(Exit::not_found,
                        fmt::format("horologd has no setting '{}'{}", key,
                                    near ? fmt::format(": did you mean '{}'?", *near) : ""),
                        "'horologd --print-reference' lists them");
  }
  Report report;
  SectionSpec spec = output[0];
  spec.facts = context.mode() == OutputMode::table || context.mode() == OutputMode::wide;
  const std::string also = join(found->also, ", ");
  report.add(spec).rows.push_back({found->name, found->preset,
                                   found->topic.empty() ? Cell() : Cell(found->topic),
                                   also.empty() ? Cell() : Cell(also), found->meaning});
  context.print(report);
  return Exit::ok;
}

Exit run_bench(Context& context) {
  return become(context, sibling_program("horolog-bench"), context.args());
}

}  // namespace horolog::command
