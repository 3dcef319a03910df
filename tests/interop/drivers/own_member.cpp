// A consumer of the library that does what its input says, for tests/interop/cases/own_groups.py.
//
//   own_member HOST:PORT TOPIC GROUP [key=value …]
//     assignor=NAME  pattern=REGEX (instead of TOPIC)  instance=ID  auto=MS (automatic commits)
//     commit=yes (each batch, before the next poll)  refresh=MS  session=MS
//
// Lines of input: "pause P", "resume P", "time P MS" (seek to a time), "close". Lines of output:
// {"assigned": [all], "came": […]}, {"revoked": […]}, {"lost": […]}, {"t": topic, "p": …, "o": …,
// "ts": …, "v": …} a record, {"did": line}; {"closed": true} at the end.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "horolog/consumer.hpp"

namespace {

using horolog::Consumer;
using horolog::TopicPartition;
using std::chrono::milliseconds;
constexpr milliseconds patient(60'000);

[[noreturn]] void fail(const std::string& text) {
  std::cerr << text << std::endl;
  std::_Exit(1);
}

template <typename T>
T must(horolog::Result<T> result) {
  if (!result) fail(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <typename Partitions>
std::string list_of(const Partitions& partitions) {
  std::string out;
  for (const TopicPartition& tp : partitions) {
    out += (out.empty() ? "\"" : ", \"") + tp.to_string() + '"';
  }
  return '[' + out + ']';
}

/// Lines that have come and were not taken yet.
class Input {
 public:
  Input() {
    std::thread([this] {
      for (std::string line; std::getline(std::cin, line);) add(line);
      add("close");
    }).detach();
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  void add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
  }
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

using Words = std::map<std::string, std::string>;

horolog::ConsumerOptions options_of(const std::string& bootstrap, const std::string& group,
                                    const Words& words) {
  horolog::ConsumerOptions options;
  const auto ms = [&](const char* name, milliseconds usual) {
    return words.contains(name) ? milliseconds(std::stol(words.at(name))) : usual;
  };
  options.client.bootstrap = bootstrap;
  options.client.metadata_max_age = ms("refresh", options.client.metadata_max_age);
  options.group = group;
  options.offset_reset = horolog::OffsetReset::earliest;
  options.session_timeout = ms("session", milliseconds(6000));
  options.heartbeat_interval = milliseconds(500);
  options.auto_commit = words.contains("auto");
  options.auto_commit_interval = ms("auto", milliseconds(5000));
  if (words.contains("assignor")) options.assignors = {words.at("assignor")};
  if (words.contains("instance")) options.instance_id = words.at("instance");
  return options;
}

/// False: close.
bool obey(Consumer& consumer, const std::string& topic, const std::string& line) {
  std::istringstream in(line);
  std::string verb;
  int partition = 0;
  long time = 0;
  in >> verb >> partition >> time;
  const std::vector<TopicPartition> which{{topic, partition}};
  if (verb == "close") return false;
  if (verb == "pause") must(consumer.pause(which));
  if (verb == "resume") must(consumer.resume(which));
  if (verb == "time") must(consumer.seek_to_time(which, time, patient));
  std::cout << "{\"did\": \"" << line << "\"}" << std::endl;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) fail("usage: own_member HOST:PORT TOPIC GROUP [key=value …]");
  const std::string topic = argv[2];
  Words words;
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    words[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  Consumer consumer = must(Consumer::open(options_of(argv[1], argv[3], words)));
  horolog::Offsets handled;
  const bool commits = words.contains("commit");
  const horolog::RebalanceListener listener{
      .assigned =
          [&](const auto& came) {
            std::cout << "{\"assigned\": " << list_of(consumer.assignment())
                      << ", \"came\": " << list_of(came) << "}" << std::endl;
          },
      .revoked =
          [&](const auto& gone) {
            // The last moment: after this the records would be read again by their next owner.
            if (commits && !handled.empty()) must(consumer.commit(handled, patient));
            handled.clear();
            std::cout << "{\"revoked\": " << list_of(gone) << "}" << std::endl;
          },
      .lost =
          [](const auto& gone) {
            std::cout << "{\"lost\": " << list_of(gone) << "}" << std::endl;
          }};
  must(words.contains("pattern") ? consumer.subscribe_pattern(words.at("pattern"), listener)
                                 : consumer.subscribe({topic}, listener));
  Input input;
  for (bool open = true; open;) {
    if (!handled.empty() && commits) {
      const auto status = consumer.commit(handled, patient);
      // What a rebalance refuses is committed again after it, if it is still ours.
      if (!status && !status.error().retriable()) fail(status.error().message());
      if (status) handled.clear();
    }
    const auto batch = must(consumer.poll(milliseconds(50)));
    std::string out;
    for (const auto& record : batch) {
      out += fmt::format("{{\"t\": \"{}\", \"p\": {}, \"o\": {}, \"ts\": {}, \"v\": \"{}\"}}\n",
                         record.topic, record.partition, record.offset, record.timestamp,
                         record.value.text());
    }
    std::cout << out << std::flush;
    for (const auto& [tp, to] : batch.offsets()) handled[tp] = to;
    const auto ours = consumer.assignment();
    std::erase_if(handled, [&](const auto& one) { return !ours.contains(one.first); });
    for (const std::string& line : input.take()) open = open && obey(consumer, topic, line);
  }
  must(consumer.close(patient));  // the listener commits
  std::cout << "{\"closed\": true}" << std::endl;
  return 0;
}
