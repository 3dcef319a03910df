#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/clock.hpp"
#include "bench/process.hpp"
#include "bench/results/document.hpp"

namespace horolog::bench {
namespace {

namespace fs = std::filesystem;

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

/// The mount with the longest path that `folder` lies below: device, type and options.
std::string mount_of(const std::string& folder) {
  std::error_code error;
  const std::string real = fs::canonical(folder, error);
  std::ifstream in("/proc/self/mounts");
  std::string best;
  std::size_t length = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string device, point, type, options;
    words >> device >> point >> type >> options;
    const bool below = real.starts_with(point) &&
                       (point == "/" || real.size() == point.size() || real[point.size()] == '/');
    if (!below || point.size() < length) continue;
    length = point.size();
    best = fmt::format("{} on {} ({})", type, point, options);
  }
  return best;
}

/// The commit of the source tree that this program was built in, if it still is one.
std::string commit() {
  const fs::path folder = fs::path(own_path()).parent_path();
  const std::string command =
      "git -C '" + folder.string() + "' describe --always --dirty 2> /dev/null";
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "unknown";
  std::array<char, 128> line{};
  const bool any = std::fgets(line.data(), line.size(), pipe) != nullptr;
  pclose(pipe);
  std::string text = any ? line.data() : "unknown";
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

std::map<std::string, std::string> describe_machine(const std::string& folder) {
  utsname system{};
  uname(&system);
  struct sysinfo memory {};
  sysinfo(&memory);
  const double gib = static_cast<double>(memory.totalram) * memory.mem_unit / (1 << 30);
  return {{"processor", fmt::format("{}, {} cores", processor(), sysconf(_SC_NPROCESSORS_ONLN))},
          {"memory", fmt::format("{:.1f} GiB", gib)},
          {"kernel", fmt::format("{} {} {}", system.sysname, system.release, system.machine)},
          {"file system", mount_of(folder)},
          {"commit", commit()},
          {"time", fmt::format("{:%F %T} UTC", fmt::gmtime(SystemClock().wall_ms() / 1000))}};
}

}  // namespace horolog::bench
