#include "tools/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tools/local_commands.hpp"

namespace horolog::command {
namespace {

std::vector<char*> argument_list(const std::string& program,
                                 const std::vector<std::string>& words) {
  std::vector<char*> list{const_cast<char*>(program.c_str())};
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

}  // namespace

std::string sibling_program(std::string_view name) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  const auto beside = self.parent_path() / name;
  if (!failed && std::filesystem::exists(beside, failed)) return beside.string();
  return std::string(name);
}

Exit become(Context& context, const std::string& program, const std::vector<std::string>& words) {
  std::fflush(context.console().out);
  execvp(program.c_str(), argument_list(program, words).data());
  return context.fail(Exit::failed,
                      fmt::format("cannot start {}: {}", program, std::strerror(errno)),
                      "it is installed beside horolog");
}

Result<Captured> capture(const std::string& program, const std::vector<std::string>& words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error(Errc::io, std::strerror(errno), errno);
  const auto list = argument_list(program, words);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execvp(program.c_str(), list.data());
    constexpr int not_started = 127;
    _exit(not_started);
  }
  close(ends[1]);
  Captured captured;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(ends[0], buffer, sizeof buffer)) > 0) {
    captured.out.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  if (child < 0 || waitpid(child, &captured.status, 0) != child) {
    return Error(Errc::io, fmt::format("cannot start {}", program));
  }
  if (WIFEXITED(captured.status) && WEXITSTATUS(captured.status) == 127) {
    return Error(Errc::io, fmt::format("cannot start {}: it is installed beside horolog", program));
  }
  return captured;
}

}  // namespace horolog::command
