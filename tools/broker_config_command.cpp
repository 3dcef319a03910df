// The broker's own settings, offline: horologd knows them, so it is asked.

#include <fmt/format.h>

#include "base/nearest_name.hpp"
#include "tools/local_commands.hpp"
#include "tools/subprocess.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

struct Explained {
  std::string_view name;
  std::string text;
};

/// Takes the reference file apart: comment lines, then "#name: default" (or a line that is active).
std::vector<Explained> read_reference(std::string_view text) {
  std::vector<Explained> found;
  std::string comment;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) {
      comment.clear();
    } else if (line.starts_with("# default: ")) {
      continue;
    } else if (line.starts_with("# ")) {
      comment += std::string(line.substr(2)) + "\n";
    } else {
      const std::string_view bare = line.starts_with('#') ? line.substr(1) : line;
      const std::size_t colon = bare.find(": ");
      if (colon == std::string_view::npos) continue;
      found.push_back({bare.substr(0, colon),
                       fmt::format("{}\n{}default: {}\n", bare.substr(0, colon), comment,
                                   bare.substr(colon + 2))});
      comment.clear();
    }
  }
  return found;
}

}  // namespace

Exit run_config_check(Context& context) {
  return become(context, sibling_program("horologd"),
                {"--check-config", "--config", context.args()[0]});
}

Exit run_config_explain(Context& context) {
  const auto reference = capture(sibling_program("horologd"), {"--print-reference"});
  if (!reference) return context.fail(reference.error());
  const std::string& key = context.args()[0];
  std::vector<std::string_view> names;
  const auto settings = read_reference(reference->out);
  for (const Explained& setting : settings) {
    if (setting.name == key) {
      context.write(setting.text);
      return Exit::ok;
    }
    names.push_back(setting.name);
  }
  const auto near = nearest_name(key, names);
  return context.fail(Exit::not_found,
                      fmt::format("horologd has no setting '{}'{}", key,
                                  near ? fmt::format(": did you mean '{}'?", *near) : ""),
                      "'horologd --print-reference' lists them");
}

Exit run_bench(Context& context) {
  return become(context, sibling_program("horolog-bench"), context.args());
}

}  // namespace horolog::command
