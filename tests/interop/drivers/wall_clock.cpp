// Preloaded into a program (LD_PRELOAD), this sets its wall clock, and only that: CLOCK_REALTIME is
// ahead by as many milliseconds as stand in the first eight bytes of the file WALL_CLOCK_FILE,
// which may change at any time. faketime(1) also moves timers (timerfd_settime): one that says "at
// once" by a time in the past, as Asio's do, then never goes off.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using Ahead = std::atomic<std::int64_t>;
constexpr std::int64_t ns_per_ms = 1'000'000, ns_per_s = 1'000'000'000;

const Ahead* open_file() {
  const char* path = std::getenv("WALL_CLOCK_FILE");
  const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* there = fd < 0 ? MAP_FAILED
                       : mmap(nullptr, sizeof(Ahead), PROT_READ, MAP_SHARED, fd, 0);
  if (there == MAP_FAILED) {
    std::fputs("wall_clock: WALL_CLOCK_FILE cannot be read\n", stderr);
    std::abort();
  }
  close(fd);
  return static_cast<const Ahead*>(there);
}

std::int64_t ahead_ms() {
  static const Ahead* const file = open_file();
  return file->load(std::memory_order_relaxed);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  using Real = int (*)(clockid_t, timespec*);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "clock_gettime"));
  const int failed = real(clock, time);
  if (failed != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
  const std::int64_t ns = time->tv_nsec + ahead_ms() % 1000 * ns_per_ms;
  time->tv_sec += ahead_ms() / 1000 + ns / ns_per_s;
  time->tv_nsec = ns % ns_per_s;
  return 0;
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

extern "C" time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
