// horolog-scheduler that stops itself (SIGSTOP) at a step boundary, for tests/interop/cases:
//   stopping_scheduler BOOTSTRAP STEP NTH SESSION_TIMEOUT_MS
// Says "ready", then "stopped at STEP" just before the NTH crossing of STEP stops it. Whoever sends
// SIGCONT lets it go on from exactly there.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "scheduler/service.hpp"

namespace horolog::scheduler {
namespace {

int run(const std::string& bootstrap, const std::string& step, int nth, int session_ms) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const SystemClock clock;
  ClientOptions options;
  options.bootstrap = bootstrap;
  auto cluster = client::Cluster::open(options);
  if (!cluster) return std::fputs("cannot open the client\n", stderr), 1;
  std::atomic<int> left = nth;
  Service::Settings settings;
  settings.session_timeout_ms = session_ms;
  settings.crossed = [&](std::string_view crossed) {
    if (crossed != step || left.fetch_sub(1) != 1) return;
    std::printf("stopped at %s\n", step.c_str());
    std::fflush(stdout);
    kill(getpid(), SIGSTOP);
  };
  auto service = Service::start(*cluster, settings, clock);
  if (!service) return std::fprintf(stderr, "%s\n", service.error().message().c_str()), 1;
  std::puts("ready");
  std::fflush(stdout);
  int caught = 0;
  sigwait(&signals, &caught);
  (*service)->stop();
  (*cluster)->close();
  return 0;
}

}  // namespace
}  // namespace horolog::scheduler

int main(int count, char** values) {
  if (count != 5) return std::fputs("usage: stopping_scheduler BOOTSTRAP STEP NTH MS\n", stderr), 2;
  return horolog::scheduler::run(values[1], values[2], std::stoi(values[3]), std::stoi(values[4]));
}
