#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "bench/limits/limits.hpp"
#include "bench/limits/target_file.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

/// N files with 4 KiB of new data each, in prewritten space: how long until all are durable.
namespace horolog::bench {
namespace {

constexpr std::size_t dirty_bytes = 4096;

class Files {
 public:
  Files(const std::string& directory, std::size_t count)
      : directory_(fmt::format("{}/horolog-bench-{}", directory, getpid())) {
    if (mkdir(directory_.c_str(), 0755) != 0) system_error("mkdir " + directory_);
    for (std::size_t n = 0; n < count; ++n) {
      const std::string path = path_of(n);
      files_.emplace_back(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
      if (files_.back().get() < 0) system_error("open " + path);
      fill_file(files_.back().get(), 16 * dirty_bytes);
    }
    all();
  }
  ~Files() {
    for (std::size_t n = 0; n < files_.size(); ++n) unlink(path_of(n).c_str());
    rmdir(directory_.c_str());
  }

  void dirty(std::size_t round) {
    const ByteBuffer data(dirty_bytes, static_cast<std::byte>(round));
    const auto at = static_cast<off_t>(round % 16 * dirty_bytes);
    for (const Descriptor& file : files_) {
      if (pwrite(file.get(), data.data(), data.size(), at) < 0) system_error("pwrite");
    }
  }
  void serial() {
    for (const Descriptor& file : files_) sync(file);
  }
  void threads(std::size_t count) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> pool;
    for (std::size_t n = 0; n < std::min(count, files_.size()); ++n) {
      pool.emplace_back([&] {
        for (std::size_t at = next++; at < files_.size(); at = next++) sync(files_[at]);
      });
    }
    for (std::thread& thread : pool) thread.join();
  }
  void all() {
    if (syncfs(files_.front().get()) != 0) system_error("syncfs");
  }

 private:
  std::string path_of(std::size_t n) const { return fmt::format("{}/{}", directory_, n); }
  static void sync(const Descriptor& file) {
    if (fdatasync(file.get()) != 0) system_error("fdatasync");
  }

  std::string directory_;
  std::vector<Descriptor> files_;
};

}  // namespace

void limit_dirty_files(Arguments args) {
  const Options options("limits dirty-files",
                        {{"dir", ".", "folder for the files"},
                         {"files", "100", "how many"},
                         {"threads", "16", "threads of the parallel method"},
                         {"rounds", "10", "times each method is measured"}},
                        args);
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(options.number("files"), 1));
  const auto threads = static_cast<std::size_t>(options.number("threads"));
  Files files(options.text("dir"), count);
  LatencyHistogram serial;
  LatencyHistogram parallel;
  LatencyHistogram whole;
  const auto timed = [&](LatencyHistogram& into, std::size_t round, auto method) {
    files.dirty(round);
    const std::int64_t start = mono_ns();
    method();
    into.record(mono_ns() - start);
  };
  for (std::int64_t n = 0; n < options.number("rounds"); ++n) {
    const auto round = static_cast<std::size_t>(n) * 3;
    timed(serial, round, [&] { files.serial(); });
    timed(parallel, round + 1, [&] { files.threads(threads); });
    timed(whole, round + 2, [&] { files.all(); });
  }
  Report report("limits dirty-files");
  report.add("files", count);
  report.add("threads", threads);
  report.add("serial", serial);
  report.add("parallel", parallel);
  report.add("syncfs", whole);
  report.print();
}

}  // namespace horolog::bench
