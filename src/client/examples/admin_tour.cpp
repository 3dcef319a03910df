// Creates a topic, looks at it, moves a group's offset in it, and deletes both again:
//
//     admin_tour localhost:9092
//
// Prints one line per step; exit 0 when every step went well.
#include <horolog/admin.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

namespace {

using namespace horolog;

/// The value, or the end of the program with the reason.
template <typename T>
T must(Result<T> result) {
  if (result) return std::move(result).value();
  std::cerr << "admin_tour: " << result.error().message() << '\n';
  std::exit(1);
}

/// The one outcome of a request about one thing.
template <typename Key, typename Value>
Result<Value> only(Result<PerItem<Key, Value>> outcomes) {
  return std::move(must(std::move(outcomes)).front().second);
}

void check(const Status& status) {
  if (status) return;
  std::cerr << "admin_tour: " << status.error().message() << '\n';
  std::exit(1);
}

/// In a cluster of Apache Kafka the brokers learn a moment later what the controller has done.
std::size_t wait_for_partitions(Admin& admin, const std::string& topic, std::size_t wanted) {
  std::size_t found = 0;
  for (int i = 0; i < 100 && found != wanted; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    found = must(only(admin.describe_topics({topic}))).partitions.size();
  }
  return found;
}

void look_at_offsets(Admin& admin, const TopicPartition& partition) {
  const auto earliest =
      must(only(admin.list_offsets({{partition, OffsetSpec::earliest()}})));
  const auto latest = must(only(admin.list_offsets({{partition, OffsetSpec::latest()}})));
  std::cout << partition.to_string() << " from " << earliest.offset << " to " << latest.offset
            << '\n';
}

void move_a_group(Admin& admin, const std::string& group, const TopicPartition& partition) {
  check(only(admin.alter_group_offsets(
      group, {{.partition = partition, .offset = 0, .metadata = "by admin_tour"}})));
  const auto offsets = must(only(admin.list_group_offsets({group})));
  for (const auto& [where, committed] : offsets) {
    std::cout << "group " << group << " is at " << must(committed).offset << " of "
              << where.to_string() << " (" << must(committed).metadata << ")\n";
  }
  const auto description = must(only(admin.describe_groups({group})));
  std::cout << "group " << group << " is " << description.state << '\n';
  check(only(admin.delete_groups({group})));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: admin_tour HOST:PORT\n";
    return 2;
  }
  const std::string topic = "admin-tour";
  Admin admin = must(Admin::open({.bootstrap = argv[1], .wait_for_brokers = false}));

  const auto cluster = must(admin.describe_cluster());
  std::cout << "cluster " << cluster.cluster_id << ", " << cluster.brokers.size()
            << " broker(s), transaction.version " << cluster.transaction_version << '\n';

  const auto created = must(only(admin.create_topics(
      {{.name = topic, .partitions = 2, .configs = {{"retention.ms", "86400000"}}}})));
  std::cout << "created " << topic << " with " << created.partitions << " partitions\n";
  const auto again = only(admin.create_topics({{.name = topic}}));
  if (!again) std::cout << again.error().message() << '\n';
  check(only(admin.create_partitions({{topic, 3}})));
  std::cout << topic << " has " << wait_for_partitions(admin, topic, 3) << " partitions now\n";

  const auto configs = must(only(admin.describe_configs({{ConfigType::topic, topic}})));
  for (const ConfigEntry& entry : configs) {
    if (entry.source == ConfigSource::topic) {
      std::cout << entry.name << " = " << entry.value.value_or("") << '\n';
    }
  }
  look_at_offsets(admin, {topic, 0});
  move_a_group(admin, "admin-tour-group", {topic, 0});

  check(only(admin.delete_topics({topic})));
  std::cout << "deleted " << topic << '\n';
}
