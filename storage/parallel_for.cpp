#include "storage/parallel_for.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace horolog::storage {
namespace {

constexpr std::size_t helpers_max = 15;

struct Shared {
  std::atomic<std::size_t> next{0};
  std::size_t count = 0;
  std::mutex mutex;
  std::condition_variable done_changed;
  std::size_t done = 0;
};

/// Takes indices until none is left. `work` is only touched while an index is in hand, and the
/// caller of parallel_for waits for those: a helper that starts late never touches it.
void run(Shared& shared, const std::function<void(std::size_t)>& work) {
  while (true) {
    const std::size_t index = shared.next.fetch_add(1);
    if (index >= shared.count) return;
    work(index);
    const std::lock_guard lock(shared.mutex);
    if (++shared.done == shared.count) shared.done_changed.notify_all();
  }
}

}  // namespace

void parallel_for(Executor* executor, std::size_t count,
                  const std::function<void(std::size_t)>& work) {
  const auto shared = std::make_shared<Shared>();
  shared->count = count;
  if (executor != nullptr && count > 1) {
    for (std::size_t i = 0; i < std::min(count - 1, helpers_max); ++i) {
      executor->post([shared, &work] { run(*shared, work); });
    }
  }
  run(*shared, work);
  std::unique_lock lock(shared->mutex);
  shared->done_changed.wait(lock, [&] { return shared->done == shared->count; });
}

}  // namespace horolog::storage
