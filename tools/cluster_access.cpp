#include "tools/cluster_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "base/nearest_name.hpp"
#include "tools/error_advice.hpp"
#include "tools/partition_selection.hpp"

namespace horolog::command {
namespace {

using wire::ErrorCode;

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const auto near = nearest_name(word, known);
  return near ? fmt::format(": did you mean '{}'?", *near) : "";
}

Error unknown_topic(const std::vector<TopicDescription>& topics, std::string_view name) {
  std::vector<std::string_view> known;
  for (const TopicDescription& topic : topics) known.push_back(topic.name);
  return {Errc::not_found,
          fmt::format("there is no topic '{}'{}", name, did_you_mean(name, known))};
}

}  // namespace

ClientOptions client_options(const Context& context) {
  const ClientSettings& settings = context.settings();
  ClientOptions options;
  options.bootstrap = settings.text("bootstrap.servers");
  options.client_id = settings.text("client.id");
  options.request_timeout = std::chrono::milliseconds(settings.integer("request.timeout.ms"));
  options.connect_timeout = std::chrono::milliseconds(settings.integer("connect.timeout.ms"));
  options.wait_for_brokers = false;
  return options;
}

Result<Admin> open_admin(const Context& context) {
  auto admin = Admin::open(client_options(context));
  if (!admin) {
    const SettingValue& where = context.settings().get("bootstrap.servers");
    return admin.error().with_context(where.source);
  }
  return admin;
}

Exit exit_for_cluster(const Error& error) {
  switch (static_cast<ErrorCode>(error.kafka_code())) {
    case ErrorCode::none: break;
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::group_id_not_found:
    case ErrorCode::transactional_id_not_found: return Exit::not_found;
    case ErrorCode::non_empty_group:
    case ErrorCode::group_subscribed_to_topic:
    case ErrorCode::unknown_member_id:
    case ErrorCode::rebalance_in_progress: return Exit::refused;
    case ErrorCode::request_timed_out: return Exit::unreachable;
    default: return Exit::failed;
  }
  // An answer that is none of this protocol comes from something else than a Kafka listener.
  if (error.code() == Errc::io || error.code() == Errc::corrupt) return Exit::unreachable;
  return exit_for(error.code());
}

Exit fail_cluster(Context& context, const Error& error, std::string_view what) {
  const auto code = static_cast<ErrorCode>(error.kafka_code());
  std::string text = what.empty() ? error.message() : fmt::format("{}: {}", what, error.message());
  std::string fix;
  if (code != ErrorCode::none) {
    const std::string_view name = wire::to_string(code);
    if (text.find(name) == std::string::npos) {
      text += fmt::format(" ({}, {})", name, error.kafka_code());
    }
    if (const auto advice = error_advice(code)) fix = advice->fix;
  } else if (exit_for_cluster(error) == Exit::unreachable) {
    const SettingValue& where = context.settings().get("bootstrap.servers");
    fix = fmt::format("asked: {} (from: {}); -b HOST:PORT names another", where.value,
                      where.source);
  }
  return context.fail(exit_for_cluster(error), text, fix);
}

Result<std::vector<TopicDescription>> select_topics(Admin& admin,
                                                    const std::vector<std::string>& words,
                                                    bool regex, bool internal) {
  HOROLOG_ASSIGN(auto topics, admin.list_topics());
  if (words.empty()) {
    std::erase_if(topics, [&](const TopicDescription& each) { return each.internal && !internal; });
    return topics;
  }
  std::vector<TopicDescription> chosen;
  for (const std::string& word : words) {
    const std::size_t before = chosen.size();
    std::regex pattern;
    if (regex) {
      try {
        pattern.assign(word);
      } catch (const std::regex_error& error) {
        return Error(Errc::invalid_argument,
                     fmt::format("'{}' is no regular expression: {}", word, error.what()));
      }
    }
    for (const TopicDescription& topic : topics) {
      const bool hidden = topic.internal && regex && !internal;
      const bool match = regex ? std::regex_match(topic.name, pattern) : topic.name == word;
      if (match && !hidden) chosen.push_back(topic);
    }
    if (chosen.size() == before && !regex) return unknown_topic(topics, word);
  }
  return chosen;
}

Result<TopicSizes> topic_sizes(const Context& context, const std::string& wanted) {
  HOROLOG_ASSIGN(Admin admin, open_admin(context));
  HOROLOG_ASSIGN(const auto topics, admin.list_topics());
  TopicSizes sizes;
  for (const TopicDescription& topic : topics) {
    sizes[topic.name] = static_cast<PartitionIndex>(topic.partitions.size());
  }
  if (!wanted.empty() && !sizes.contains(wanted)) return unknown_topic(topics, wanted);
  return sizes;
}

Result<std::vector<TopicPartition>> select_partitions(Admin& admin,
                                                      const std::vector<std::string>& words) {
  HOROLOG_ASSIGN(const auto topics, admin.list_topics());
  std::vector<TopicPartition> chosen;
  for (const std::string& word : words) {
    HOROLOG_ASSIGN(const auto selection, parse_selection(word));
    const auto topic = std::find_if(
        topics.begin(), topics.end(),
        [&](const TopicDescription& each) { return each.name == selection.topic; });
    if (topic == topics.end()) return unknown_topic(topics, selection.topic);
    const auto count = static_cast<PartitionIndex>(topic->partitions.size());
    if (!selection.partitions.empty() && selection.partitions.back() >= count) {
      return Error(Errc::not_found, fmt::format("topic '{}' has {} partitions: there is no {}",
                                                topic->name, count, selection.partitions.back()));
    }
    for (const PartitionDescription& partition : topic->partitions) {
      if (selection.contains(partition.partition)) {
        chosen.push_back({topic->name, partition.partition});
      }
    }
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

Error unknown_group(const std::vector<GroupListing>& known, const std::string& name) {
  std::vector<std::string_view> names;
  for (const GroupListing& group : known) names.push_back(group.id);
  return {Errc::not_found,
          fmt::format("there is no group '{}'{}", name, did_you_mean(name, names))};
}

std::string name_of(const TopicPartition& id) {
  return fmt::format("{}:{}", id.topic, id.partition);
}

}  // namespace horolog::command
