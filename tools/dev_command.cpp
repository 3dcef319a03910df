// horolog dev: a broker to try things with, gone when the terminal is.

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tools/local_commands.hpp"

namespace horolog::command {
namespace {

constexpr timespec look_interval{.tv_sec = 0, .tv_nsec = 200'000'000};

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

[[noreturn]] void start_broker(const std::string& program, const std::string& data,
                               const std::string& listen, int out) {
  // Should this process be killed, the broker stops cleanly all the same. In a group of its own,
  // so that the terminal's Ctrl-C reaches only us.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(out, STDOUT_FILENO);
  close(out);
  execlp(program.c_str(), program.c_str(), "--data-dir", data.c_str(), "--listen", listen.c_str(),
         "--set", "admin.listener=", "--set", "horolog.log.level=warn",
         static_cast<char*>(nullptr));
  constexpr int not_started = 127;
  _exit(not_started);
}

/// "horologd 0.1.0 is ready on 127.0.0.1:41234 (data in …)" → the address; "" when it ended first.
std::string ready_address(int out) {
  std::string line;
  char c = 0;
  while (read(out, &c, 1) == 1 && c != '\n') line += c;
  constexpr std::string_view before = "is ready on ";
  const std::size_t at = line.find(before);
  if (at == std::string::npos) return "";
  const std::size_t start = at + before.size();
  return line.substr(start, line.find(' ', start) - start);
}

void print_next(Context& context, const std::string& address, const std::string& data) {
  context.write(fmt::format("horologd is ready on {} (data in {})\n\n"
                            "try in another terminal:\n"
                            "  export HOROLOG_BOOTSTRAP_SERVERS={}\n",
                            address, data, address));
  for (const char* line : {"horolog topic create orders --partitions 3",
                           "echo 'apple:1' | horolog produce orders -K :",
                           "horolog consume orders -e --print key,value", "horolog topic ls"}) {
    context.write(fmt::format("  {}\n", line));
  }
  context.write("\nCtrl-C stops it.\n");
  std::fflush(context.console().out);
}

}  // namespace

Exit run_dev(Context& context) {
  std::string data = context.text("--data-dir").value_or("");
  std::string temporary;  // the scheduler's files lie beside the data
  if (data.empty()) {
    temporary = (std::filesystem::temp_directory_path() / "horolog-dev.XXXXXX").string();
    if (mkdtemp(temporary.data()) == nullptr) {
      return context.fail(Exit::failed, fmt::format("cannot make {}: {}", temporary,
                                                    std::strerror(errno)));
    }
    data = temporary + "/data";
  }
  const sigset_t signals = block_signals();
  const std::string program = sibling_program("horologd");
  const std::string listen =
      fmt::format("127.0.0.1:{}", context.integer("--port", 0));
  int ends[2];
  if (pipe(ends) != 0) return context.fail(Exit::failed, std::strerror(errno));
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    start_broker(program, data, listen, ends[1]);
  }
  close(ends[1]);
  const std::string address = child > 0 ? ready_address(ends[0]) : "";
  if (!address.empty()) print_next(context, address, data);
  int status = 0;
  bool ended = address.empty() && child > 0 && waitpid(child, &status, 0) == child;
  bool asked = false;
  while (!ended && child > 0) {
    const int number = sigtimedwait(&signals, nullptr, &look_interval);
    if ((number == SIGINT || number == SIGTERM || number == SIGHUP) && !asked) {
      asked = true;
      kill(child, SIGTERM);
    }
    ended = waitpid(child, &status, WNOHANG) == child;
  }
  close(ends[0]);
  std::error_code ignored;
  if (!temporary.empty()) std::filesystem::remove_all(temporary, ignored);
  if (asked) return Exit::ok;
  return context.fail(Exit::failed, address.empty() ? "horologd did not start"
                                                    : "horologd ended by itself",
                      "it says why above");
}

}  // namespace horolog::command
