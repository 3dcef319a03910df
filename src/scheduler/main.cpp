#include <fmt/format.h>
#include <signal.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "client/bootstrap.hpp"
#include "client/cluster.hpp"
#include "scheduler/service.hpp"
#include "scheduler/status_endpoint.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::string_view usage =
    R"(usage: horolog-scheduler [-b HOST:PORT[,HOST:PORT...]] [option...]

Fires the schedules that stand in the topic horolog.schedules of a Kafka-protocol
cluster, each exactly once for read_committed readers. Several of these share the work.

  -b, --bootstrap HOST:PORT  the cluster                     (localhost:9092)
  --group NAME               consumer group, and the start of the transactional ids
                                                             (horolog-scheduler)
  --partitions N             of the topics, where they are missing             (8)
  --replication-factor N     likewise; -1 is the cluster's default            (-1)
  --targets-allow PATTERN    topics that may be fired into; * is any text;
                             may be repeated                                  (*)
  --session-timeout-ms N     how long a dead scheduler keeps its partitions (6000)
  --state-dir DIR            for schedules that are not due soon, on a disk: kept, so
                             that a start reads only what is new; for this process
                             alone; empty: all are kept in memory
                                           (files in /var/tmp that are not kept)
  --admin HOST:PORT          /livez, /readyz, /metrics; empty: off (127.0.0.1:9645)
  --help, --version
)";

struct CommandLine {
  ClientOptions client{.client_id = "horolog-scheduler"};
  Service::Settings service;
  std::string admin = "127.0.0.1:9645";
};

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error bad(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

Status apply(CommandLine& line, const std::string& name, const std::string& value) {
  Service::Settings& service = line.service;
  const auto ranged = [&](int least, int most) -> Result<int> {
    const auto parsed = number(value);
    if (parsed && *parsed >= least && *parsed <= most) return *parsed;
    return bad(fmt::format("{}: '{}' is not a number from {} to {}", name, value, least, most));
  };
  if (name == "-b" || name == "--bootstrap") {
    line.client.bootstrap = value;
  } else if (name == "--group") {
    service.group = value;
  } else if (name == "--partitions") {
    HOROLOG_ASSIGN(service.topics.partitions, ranged(1, 1'000));
  } else if (name == "--replication-factor") {
    HOROLOG_ASSIGN(const int factor, ranged(-1, 100));
    service.topics.replication = static_cast<std::int16_t>(factor);
  } else if (name == "--targets-allow") {
    service.targets_allow.push_back(value);
  } else if (name == "--session-timeout-ms") {
    HOROLOG_ASSIGN(service.session_timeout_ms, ranged(1'000, 300'000));
  } else if (name == "--state-dir") {
    service.state_directory = value;
    service.scratch_directory.clear();
  } else if (name == "--admin") {
    line.admin = value;
  } else {
    return bad(fmt::format("unknown option '{}': see --help", name));
  }
  return {};
}

Result<CommandLine> parse(const std::vector<std::string>& arguments) {
  CommandLine line;
  line.service.targets_allow.clear();
  line.service.scratch_directory = "/var/tmp";
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size())
      return bad(fmt::format("option '{}' needs a value, or is unknown: see --help", arguments[i]));
    HOROLOG_TRY(apply(line, arguments[i], arguments[i + 1]));
  }
  if (line.service.targets_allow.empty()) line.service.targets_allow = {"*"};
  return line;
}

int fail(const Error& error, int code) {
  fmt::print(stderr, "horolog-scheduler: {}\n", error.message());
  return code;
}

int run(const CommandLine& line) {
  // Before any thread: all of them inherit the mask, and the signal waits for sigwait().
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const SystemClock clock;
  std::unique_ptr<StatusEndpoint> status;
  if (!line.admin.empty()) {
    const auto address = client::parse_bootstrap(line.admin);
    if (!address) return fail(address.error().with_context("--admin"), 2);
    auto listening = StatusEndpoint::listen({address->front().host, address->front().port});
    if (!listening) return fail(listening.error().with_context("--admin"), 1);
    status = std::move(*listening);
  }
  auto cluster = client::Cluster::open(line.client);
  if (!cluster) return fail(cluster.error(), 2);
  auto service = Service::start(*cluster, line.service, clock);
  if (!service) return fail(service.error(), 1);
  fmt::print("ready: scheduling on {} as group {}\n", line.client.bootstrap, line.service.group);
  std::fflush(stdout);
  if (status) status->show(service->get());
  int caught = 0;
  sigwait(&signals, &caught);
  if (status) status->show(nullptr);
  (*service)->stop();
  (*service)->keep();
  (*cluster)->close();
  return 0;
}

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") return fmt::print("{}", usage), 0;
    if (argument == "--version") return fmt::print("horolog-scheduler " HOROLOG_VERSION "\n"), 0;
  }
  const auto line = parse(arguments);
  return line ? run(*line) : fail(line.error(), 2);
}

}  // namespace
}  // namespace horolog::scheduler

int main(int count, char** values) { return horolog::scheduler::main(count, values); }
