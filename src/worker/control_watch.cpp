#include "worker/control_watch.hpp"

#include <chrono>
#include <string>

#include "worker/names.hpp"

namespace horolog::worker {
namespace {

/// The reader follows the topic all the time: brokers may hold its requests.
constexpr std::chrono::milliseconds fetch_wait{500};

}  // namespace

Result<ControlWatch> ControlWatch::open(const std::shared_ptr<client::Cluster>& cluster) {
  const TopicPartition place{std::string(control::topic), 0};
  HOROLOG_ASSIGN(auto reader,
                 client::CommittedReader::open(cluster, {{place, no_offset}}, fetch_wait));
  ControlWatch watch(std::move(reader));
  HOROLOG_TRY(watch.reader_.read_to_end([&](const RecordView& record) { watch.take(record); }));
  return watch;
}

bool ControlWatch::take(const RecordView& record) {
  const auto value = record.value.is_null() ? std::nullopt : std::optional(record.value.text());
  return controls_.apply(record.key.text(), value, record.timestamp);
}

Result<bool> ControlWatch::look() {
  bool changed = false;
  HOROLOG_TRY(reader_.poll(std::chrono::milliseconds(0), [&](const RecordView& record) {
    if (take(record)) changed = true;
  }));
  return changed;
}

}  // namespace horolog::worker
