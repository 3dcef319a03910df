#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "horologd/assignment.hpp"
#include "horologd/check_directory.hpp"
#include "horologd/command_line.hpp"
#include "horologd/configuration.hpp"
#include "horologd/notify.hpp"
#include "horologd/print_config.hpp"
#include "horologd/server.hpp"
#include "storage/check_data.hpp"

namespace horolog {
namespace {

enum ExitCode {
  exit_clean = 0,
  exit_failure = 1,
  exit_usage = 2,
  exit_damaged = 4,
  exit_in_use = 6,
};

void print_error(const std::string& text) { fmt::print(stderr, "horologd: {}\n", text); }

void print_problems(const Problems& problems) {
  for (const Problem& problem : problems) print_error(problem.to_string());
}

void log_warnings(const Problems& problems) {
  for (const Problem& problem : problems) {
    log::write(problem.fatal ? log::Level::error : log::Level::warn, "config", problem.message,
               {log::field("at", problem.place.to_string())});
  }
}

void apply_log_settings(const Settings& settings) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const bool json = settings.log_format == "json" || (settings.log_format == "auto" && !terminal);
  log::set_style(json ? log::Style::json : log::Style::logfmt);
  log::Level level = log::Level::info;
  if (settings.log_level == "debug") level = log::Level::debug;
  if (settings.log_level == "warn") level = log::Level::warn;
  if (settings.log_level == "error") level = log::Level::error;
  log::set_level(level);
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// --check-config: everything that can be known without starting.
int check(const Configuration& configuration) {
  print_problems(configuration.problems);
  if (has_fatal(configuration.problems)) return exit_usage;
  const Settings& settings = configuration.settings;
  const auto directory = check_data_directory(settings.data_directory);
  if (!directory) {
    print_error("error: log.dirs: " + directory.error().message());
    return exit_usage;
  }
  const std::string changed = differences(settings);
  fmt::print("configuration is good\ndata directory {}: {}\n{}{}", settings.data_directory,
             *directory, changed.empty() ? "every setting has its default\n" : "not default:\n",
             changed);
  return exit_clean;
}

/// horologd check DIR.
int check_offline(const CommandLine& command) {
  const SystemClock clock;
  const MonoNs began = clock.mono_ns();
  const auto report = storage::check_data(command.directory);
  if (!report) {
    print_error("error: " + report.error().message());
    const Errc code = report.error().code();
    if (code == Errc::busy) return exit_in_use;
    return code == Errc::invalid_argument || code == Errc::not_found ? exit_usage : exit_failure;
  }
  const double seconds = static_cast<double>(clock.mono_ns() - began) / 1e9;
  fmt::print("{}", command.json ? storage::report_json(command.directory, *report, seconds)
                                : storage::report_text(command.directory, *report, seconds));
  return report->damaged() ? exit_damaged : exit_clean;
}

int exit_code_of(const Error& error) {
  if (error.code() == Errc::corrupt) return exit_damaged;
  return error.code() == Errc::invalid_argument ? exit_usage : exit_failure;
}

/// The signals that main() waits for; blocked in every thread, so that no handler ever runs.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void reload(Server& server, Settings& running, const ConfigurationSources& sources) {
  log::info("config", "SIGHUP: reading the configuration again");
  Reload plan = plan_reload(running, sources);
  log_warnings(plan.problems);
  if (has_fatal(plan.problems)) {
    log::error("config", "nothing was changed: the configuration has errors");
    return;
  }
  for (const Reload::Change& change : plan.changes) {
    const char* what =
        change.needs_restart ? "setting changes at the next restart" : "setting changed";
    log::write(change.needs_restart ? log::Level::warn : log::Level::info, "config", what,
               {log::field("name", change.name), log::field("old", change.old_value),
                log::field("new", change.new_value)});
  }
  if (plan.changes.empty()) log::info("config", "no setting differs");
  running = std::move(plan.settings);
  apply_log_settings(running);
  server.reload(running);
}

/// Until a signal ends it or the server fails. Returns the exit code.
int serve(Server& server, Settings settings, const ConfigurationSources& sources,
          const sigset_t& signals, const ServiceNotifier& notifier) {
  // A failed sync may end the server at any time; nobody can send us a signal for that.
  constexpr timespec look_interval{.tv_sec = 1, .tv_nsec = 0};
  for (;;) {
    const int number = sigtimedwait(&signals, nullptr, &look_interval);
    if (number == SIGHUP) {
      notifier.reloading();
      reload(server, settings, sources);
      notifier.ready("serving " + join(server.bound_addresses()));
      continue;
    }
    if (const std::string failure = server.failure(); !failure.empty()) {
      log::error("server", "stopping: the data directory failed", {log::field("error", failure)});
      notifier.stopping();
      [[maybe_unused]] const Status stopped = server.stop();
      return exit_failure;
    }
    if (number != SIGTERM && number != SIGINT) continue;
    log::info("server", "stopping", {log::field("signal", number == SIGTERM ? "TERM" : "INT")});
    notifier.stopping();
    const Status stopped = server.stop();
    if (!stopped) {
      log::error("server", "unclean stop", {log::field("error", stopped.error().message())});
      return exit_failure;
    }
    log::info("server", "stopped cleanly");
    return exit_clean;
  }
}

int run(const Configuration& configuration, const ConfigurationSources& sources) {
  const SystemClock clock;
  const MonoNs started = clock.mono_ns();
  const Settings& settings = configuration.settings;
  apply_log_settings(settings);
  log_warnings(configuration.problems);
  const sigset_t signals = block_signals();
  const ServiceNotifier notifier = ServiceNotifier::from_environment();
  notifier.status("loading " + settings.data_directory);
  log::info(
      "server", "starting",
      {log::field("version", HOROLOG_VERSION), log::field("pid", getpid()),
       log::field("data", settings.data_directory), log::field("durability", settings.durability)});
  auto server = Server::start(settings);
  if (!server) {
    print_error("error: " + server.error().message());
    return exit_code_of(server.error());
  }
  const std::string addresses = join((*server)->bound_addresses());
  const std::int64_t took_ms = (clock.mono_ns() - started) / 1'000'000;
  log::info("server", "ready",
            {log::field("listeners", addresses), log::field("admin", (*server)->admin_address()),
             log::field("loaded", (*server)->load_summary()), log::field("ms", took_ms)});
  fmt::print("horologd {} is ready on {} (data in {}, {} ms)\n", HOROLOG_VERSION, addresses,
             settings.data_directory, took_ms);
  std::fflush(stdout);
  notifier.ready("serving " + addresses + "; " + (*server)->load_summary());
  return serve(**server, settings, sources, signals, notifier);
}

int start(const CommandLine& command) {
  using Action = CommandLine::Action;
  if (command.action == Action::help) return fmt::print("{}", usage_text()), exit_clean;
  if (command.action == Action::version) {
    return fmt::print("horologd {}\n", HOROLOG_VERSION), exit_clean;
  }
  if (!command.problems.empty()) {
    print_problems(command.problems);
    return exit_usage;
  }
  if (command.action == Action::check_data) return check_offline(command);
  if (command.action == Action::print_reference) {
    return fmt::print("{}", reference_yaml()), exit_clean;
  }
  const ConfigurationSources sources{command.config_file, process_environment(), command.overrides};
  const Configuration configuration = load_configuration(sources);
  if (command.action == Action::check_config) return check(configuration);
  if (has_fatal(configuration.problems)) {
    print_problems(configuration.problems);
    return exit_usage;
  }
  if (command.action == Action::print_config) {
    print_problems(configuration.problems);
    return fmt::print("{}", effective_yaml(configuration.settings)), exit_clean;
  }
  return run(configuration, sources);
}

}  // namespace
}  // namespace horolog

int main(int argc, char** argv) {
  return horolog::start(
      horolog::parse_command_line(std::vector<std::string>(argv + 1, argv + argc)));
}
