#include <fmt/format.h>

#include "tools/cluster_access.hpp"
#include "tools/completion.hpp"
#include "tools/local_commands.hpp"
#include "tools/settings_files.hpp"

namespace horolog::command {
namespace {

constexpr std::chrono::milliseconds patience{500};

/// The settings that the words being typed would give, such as "-b host:1".
ClientSettings settings_of(const std::vector<std::string>& words, const Context& context) {
  const Invocation typed = parse({words.begin(), words.end() - (words.empty() ? 0 : 1)});
  std::vector<std::string> warnings;
  auto settings = load_settings(typed, warnings);
  return settings ? std::move(*settings) : context.settings();
}

/// Nobody waits long for a completion: what cannot be had soon is left out.
std::vector<std::string> live_names(const ClientSettings& settings, ValueType type) {
  std::vector<std::string> names;
  ClientOptions options;
  options.bootstrap = settings.text("bootstrap.servers");
  options.request_timeout = patience;
  options.connect_timeout = patience;
  options.wait_for_brokers = false;
  auto admin = Admin::open(std::move(options));
  if (!admin) return names;
  if (type == ValueType::group) {
    const auto groups = admin->list_groups();
    if (!groups) return names;
    for (const GroupListing& group : groups->groups) names.push_back(group.id);
    return names;
  }
  const auto topics = admin->list_topics();
  if (!topics) return names;
  for (const TopicDescription& topic : *topics) {
    if (!topic.internal) names.push_back(topic.name);
  }
  return names;
}

}  // namespace

Exit run_complete(Context& context) {
  const ClientSettings settings = settings_of(context.args(), context);
  const auto live = [&](ValueType type) { return live_names(settings, type); };
  for (const Candidate& candidate : complete(context.args(), live)) {
    context.write(candidate.summary.empty()
                      ? fmt::format("{}\n", candidate.word)
                      : fmt::format("{}\t{}\n", candidate.word, candidate.summary));
  }
  return Exit::ok;
}

}  // namespace horolog::command
