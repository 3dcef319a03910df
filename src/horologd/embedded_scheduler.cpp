#include "horologd/embedded_scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "client/cluster.hpp"
#include "client/transport.hpp"
#include "net/memory_stream.hpp"
#include "scheduler/service.hpp"

namespace horolog {
namespace {

using Service = scheduler::Service;

constexpr std::chrono::seconds before_another_start{5};
/// Of the five seconds that a clean stop of the broker may take.
constexpr std::chrono::milliseconds drain_patience{1'500};
constexpr std::int64_t session_ms = 6'000;
/// Every address leads to the broker of this process.
constexpr std::string_view here = "in-process:1";
constexpr std::size_t stream_bytes = 256 * 1024;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', at), comma);
    std::string part = text.substr(first, comma - first);
    part.erase(part.find_last_not_of(' ') + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    at = comma + 1;
  }
  return parts;
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Service::Settings service_settings(const Settings& settings) {
  Service::Settings out;
  out.topics.partitions = static_cast<std::int32_t>(settings.scheduler_partitions);
  out.targets_allow = split(settings.scheduler_targets_allow);
  out.state_directory = settings.scheduler_state_directory.empty()
                            ? without_slash(settings.data_directory) + ".scheduler"
                            : settings.scheduler_state_directory;
  out.session_timeout_ms = static_cast<std::int32_t>(
      std::clamp(session_ms, settings.group_min_session_timeout_ms,
                 settings.group_max_session_timeout_ms));
  // A broker that was killed comes back as the same member: it need not wait for its own session.
  out.instance_id = fmt::format("horologd-{}", settings.node_id);
  return out;
}

}  // namespace

struct EmbeddedScheduler::Impl {
  Impl(const Settings& settings_, net::Server& server_, net::ShardPool& shards_,
       const Clock& clock_)
      : settings(service_settings(settings_)), server(server_), shards(shards_), clock(clock_) {}

  const Service::Settings settings;
  net::Server& server;
  net::ShardPool& shards;
  const Clock& clock;
  std::shared_ptr<client::Cluster> cluster;
  std::thread trying;  ///< runs only while the topics could not be had
  mutable std::mutex mutex;
  std::condition_variable stop_wanted;
  std::unique_ptr<Service> service;  ///< written under the mutex
  bool stopping = false;

  Status open();
  bool try_start();
  void keep_trying();
  void drain();
};

Status EmbeddedScheduler::Impl::open() {
  const auto connect = [this](client::Loop& loop,
                              const net::Endpoint& to) -> Result<client::Transport::Stream> {
    net::Shard& shard = shards.least_loaded();
    auto [ours, theirs] = net::MemoryStream::pair(
        {.executor = loop, .name = {"scheduler", 0}, .close_resets = true},
        {.executor = shard, .name = to}, stream_bytes);
    server.serve(std::move(theirs), shard, "LOCAL", "User:horolog-scheduler");
    return client::Transport::Stream(std::move(ours));
  };
  ClientOptions options;
  options.bootstrap = std::string(here);
  options.client_id = "horologd";
  HOROLOG_ASSIGN(cluster, client::Cluster::open(std::move(options), nullptr,
                                                client::local_transport(connect)));
  return {};
}

bool EmbeddedScheduler::Impl::try_start() {
  auto started = Service::start(cluster, settings, clock);
  if (!started) {
    log::error("scheduler", "schedules are not fired: trying again",
               {log::field("error", started.error().message())});
    return false;
  }
  const std::scoped_lock lock(mutex);
  service = std::move(*started);
  return true;
}

void EmbeddedScheduler::Impl::keep_trying() {
  for (;;) {
    {
      std::unique_lock lock(mutex);
      if (stop_wanted.wait_for(lock, before_another_start, [this] { return stopping; })) return;
    }
    if (try_start()) {
      log::info("scheduler", "schedules are fired from now on");
      return;
    }
  }
}

/// When the broker does not answer in time, its connections are closed under the scheduler: every
/// request fails then, and nothing waits any more.
void EmbeddedScheduler::Impl::drain() {
  bool drained = false;
  std::thread draining([&] {
    if (trying.joinable()) trying.join();
    if (service) service->stop();
    const std::scoped_lock lock(mutex);
    drained = true;
    stop_wanted.notify_all();
  });
  {
    std::unique_lock lock(mutex);
    if (!stop_wanted.wait_for(lock, drain_patience, [&] { return drained; })) {
      log::warn("scheduler", "the broker does not answer: what is being fired is left to the "
                             "next start");
    }
  }
  cluster->close();
  draining.join();
  if (service) service->keep();
}

EmbeddedScheduler::EmbeddedScheduler(const Settings& settings, net::Server& server,
                                     net::ShardPool& shards, const Clock& clock)
    : impl_(std::make_unique<Impl>(settings, server, shards, clock)) {}

EmbeddedScheduler::~EmbeddedScheduler() { stop(); }

void EmbeddedScheduler::start() {
  if (const Status opened = impl_->open(); !opened) {
    log::error("scheduler", "schedules are not fired",
               {log::field("error", opened.error().message())});
    return;
  }
  if (!impl_->try_start()) impl_->trying = std::thread([this] { impl_->keep_trying(); });
}

void EmbeddedScheduler::stop() {
  {
    const std::scoped_lock lock(impl_->mutex);
    if (std::exchange(impl_->stopping, true)) return;
    impl_->stop_wanted.notify_all();
  }
  if (impl_->cluster) impl_->drain();
}

void EmbeddedScheduler::collect(admin::MetricsWriter& out) const {
  const std::scoped_lock lock(impl_->mutex);
  if (impl_->service) impl_->service->metrics().write(out);
}

}  // namespace horolog
