// Driver over the library's own consumer (verbs and output: harness/driver.py).
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "horolog/consumer.hpp"

namespace {

using horolog::Consumer;
using horolog::ConsumerOptions;
using horolog::TopicPartition;
using std::chrono::milliseconds;
using Options = std::map<std::string, std::string>;
constexpr milliseconds patient(60'000);
std::atomic<bool> stopping{false};

[[noreturn]] void fail(const std::string& text) {
  std::cerr << text << std::endl;
  std::_Exit(1);
}

template <typename T>
T must(horolog::Result<T> result) {
  if (!result) fail(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string base64(const horolog::Bytes& bytes) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (bytes.is_null()) return "null";
  std::string out = "\"";
  const std::string_view text = bytes.text();
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const auto at = [&](std::size_t n) {
      return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U;
    };
    const unsigned bits = at(0) << 16 | at(1) << 8 | at(2);
    out += alphabet[bits >> 18 & 63];
    out += alphabet[bits >> 12 & 63];
    out += i + 1 < text.size() ? alphabet[bits >> 6 & 63] : '=';
    out += i + 2 < text.size() ? alphabet[bits & 63] : '=';
  }
  return out + '"';
}

std::vector<TopicPartition> partitions_of(const std::string& topic, int count) {
  std::vector<TopicPartition> out;
  for (int p = 0; p < count; ++p) out.push_back({topic, p});
  return out;
}

ConsumerOptions options_of(const Options& o) {
  ConsumerOptions options;
  options.client.bootstrap = o.at("bootstrap");
  options.auto_commit = false;
  return options;
}

/// read topic= count= codec=: every record of partitions 0 to 2 as the roundtrip verb prints them.
void read(const Options& o) {
  Consumer consumer = must(Consumer::open(options_of(o)));
  must(consumer.assign(partitions_of(o.at("topic"), 3)));
  must(consumer.seek_to_beginning());
  long left = std::stol(o.at("count"));
  while (left > 0) {
    const auto batch = must(consumer.poll(milliseconds(1000)));
    for (const auto& record : batch) {
      std::cout << "{\"codec\": \"" << o.at("codec") << "\", \"p\": " << record.partition
                << ", \"o\": " << record.offset << ", \"t\": " << record.timestamp
                << ", \"k\": " << base64(record.key) << ", \"v\": " << base64(record.value)
                << ", \"h\": [";
      const char* before = "";
      for (const auto& header : record.headers) {
        std::cout << before << "[\"" << header.key << "\", " << base64(header.value) << "]";
        before = ", ";
      }
      std::cout << "]}\n";
      --left;
    }
  }
  must(consumer.close(patient));
}

std::string list_of(const std::map<int, horolog::Offset>& offsets) {
  std::string list;
  for (const auto& [p, offset] : offsets) {
    list += (list.empty() ? "\"" : ", \"") + std::to_string(p) + "\": " + std::to_string(offset);
  }
  return "{\"committed\": {" + list + "}}";
}

void member(const Options& o) {
  ConsumerOptions options = options_of(o);
  options.group = o.at("group");
  options.offset_reset = horolog::OffsetReset::earliest;
  options.session_timeout = milliseconds(6000);
  options.heartbeat_interval = milliseconds(1000);
  options.assignors = {o.contains("assignor") ? o.at("assignor") : "range"};
  Consumer consumer = must(Consumer::open(options));
  const auto tell = [&](const std::vector<TopicPartition>&) {
    std::string list;
    for (const auto& tp : consumer.assignment()) {
      list += (list.empty() ? "" : ", ") + std::to_string(tp.partition);
    }
    std::cout << "{\"assigned\": [" << list << "]}" << std::endl;
  };
  must(consumer.subscribe({o.at("topic")}, {.assigned = tell, .revoked = {}, .lost = {}}));
  std::signal(SIGTERM, [](int) { stopping = true; });
  std::map<int, horolog::Offset> ends;
  while (!stopping) {
    const auto batch = must(consumer.poll(milliseconds(ends.empty() ? 200 : 5)));
    for (const auto& record : batch) {
      std::cout << "{\"p\": " << record.partition << ", \"o\": " << record.offset
                << ", \"v\": \"" << record.value.text() << "\"}\n";
      ends[record.partition] = record.offset + 1;
    }
    if (!batch.empty() || ends.empty()) continue;
    horolog::Offsets offsets;
    for (const auto& [p, end] : ends) offsets[{o.at("topic"), p}] = {end, "driver", -1};
    // A refused commit means the group moved on: the new owner reads the records again.
    if (consumer.commit(offsets, patient)) std::cout << list_of(ends) << std::endl;
    ends.clear();
  }
  must(consumer.close(patient));
}

void committed(const Options& o) {
  ConsumerOptions options = options_of(o);
  options.group = o.at("group");
  Consumer consumer = must(Consumer::open(options));
  std::map<int, horolog::Offset> ends;
  for (const auto& [tp, at] :
       must(consumer.committed(partitions_of(o.at("topic"), 6), patient))) {
    ends[tp.partition] = at.offset;
  }
  std::cout << list_of(ends) << std::endl;
  must(consumer.close(patient));
}

void isolated(const Options& o) {
  ConsumerOptions options = options_of(o);
  if (o.at("level") == "read_committed") options.isolation = horolog::Isolation::read_committed;
  Consumer consumer = must(Consumer::open(options));
  const auto all = partitions_of(o.at("topic"), 3);
  must(consumer.assign(all));
  must(consumer.seek_to_beginning());
  const auto ends = must(consumer.end_offsets(all, patient));
  std::string list;
  const auto done = [&] {
    for (const auto& [tp, end] : ends) {
      if (must(consumer.position(tp, patient)) < end) return false;
    }
    return true;
  };
  while (!done()) {
    const auto batch = must(consumer.poll(milliseconds(100)));
    for (const auto& record : batch) {
      list += (list.empty() ? "\"" : ", \"") + std::string(record.value.text()) + '"';
    }
  }
  std::cout << "{\"values\": [" << list << "]}" << std::endl;
  must(consumer.close(patient));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    options[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  const std::map<std::string, void (*)(const Options&)> verbs{
      {"read", read}, {"member", member}, {"committed", committed}, {"isolated", isolated}};
  const auto verb = verbs.find(argc > 1 ? argv[1] : "");
  if (verb == verbs.end()) fail("usage: own_consumer VERB key=value …");
  verb->second(options);
  return 0;
}
