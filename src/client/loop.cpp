#include "client/loop.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include "base/assert.hpp"
#include "net/asio_alias.hpp"

namespace horolog::client {
namespace {

constexpr std::size_t scratch_bytes = 64 * 1024;
constexpr MonoNs trim_interval_ns = 10'000'000'000;

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

/// Held by the loop, by its thread and by the timer that waits, so that a loop whose last owner is
/// one of its own tasks goes only when that task has returned.
struct Loop::Core : std::enable_shared_from_this<Core> {
  explicit Core(const Clock& clock_, asio::io_context* given = nullptr)
      : clock(clock_),
        owned(given != nullptr ? nullptr : std::make_unique<asio::io_context>(1)),
        context(given != nullptr ? *given : *owned),
        scratch(std::make_unique_for_overwrite<std::byte[]>(scratch_bytes)),
        buffers(std::make_shared<net::BufferPool>()),
        trim(deadlines, [this] { trim_buffers(); }),
        timer(context) {}

  void watch_deadlines() {
    deadlines.on_earlier([this] { arm(); });
  }
  void arm() {
    const auto next = deadlines.next();
    if (!next) return;
    timer.expires_after(std::chrono::nanoseconds(std::max<MonoNs>(*next - clock.mono_ns(), 0)));
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || !self) return;  // set anew, or gone
      self->deadlines.advance(self->clock.mono_ns());
      self->arm();
    });
  }
  void trim_buffers() {
    buffers->trim();
    trim_set = buffers->kept() != 0;
    if (trim_set) trim.set(clock.mono_ns() + trim_interval_ns);
  }

  const Clock& clock;
  std::unique_ptr<asio::io_context> owned;  ///< null on a caller's context
  asio::io_context& context;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  bool stepped = false;
  net::DeadlineQueue deadlines;
  std::unique_ptr<std::byte[]> scratch;
  std::shared_ptr<net::BufferPool> buffers;
  net::Deadline trim;
  bool trim_set = false;
  asio::steady_timer timer;
  std::minstd_rand numbers{std::random_device{}()};
  std::thread thread;
};

std::shared_ptr<Loop> Loop::start(const std::string& thread_name) {
  auto core = std::make_shared<Core>(system_clock());
  core->watch_deadlines();
  core->work.emplace(asio::make_work_guard(core->context));
  core->thread = std::thread([core] { core->context.run(); });
  pthread_setname_np(core->thread.native_handle(), thread_name.substr(0, 15).c_str());
  return std::shared_ptr<Loop>(new Loop(std::move(core)));
}

std::shared_ptr<Loop> Loop::on(boost::asio::io_context& context) {
  auto core = std::make_shared<Core>(system_clock(), &context);
  core->watch_deadlines();
  return std::shared_ptr<Loop>(new Loop(std::move(core)));
}

std::shared_ptr<Loop> Loop::stepped(const Clock& clock) {
  auto core = std::make_shared<Core>(clock);
  core->stepped = true;
  return std::shared_ptr<Loop>(new Loop(std::move(core)));
}

Loop::~Loop() {
  if (core_->owned) core_->context.stop();
  if (!core_->thread.joinable()) return;
  // The thread holds the core: what is left of it goes when the task that runs now has returned.
  if (running_here()) {
    core_->thread.detach();
  } else {
    core_->thread.join();
  }
}

void Loop::post(Task task) { asio::post(core_->context, std::move(task)); }

void Loop::run(const Task& task) {
  if (!core_->thread.joinable() || running_here()) return task();
  // Shared: the promise is still at work when the waiter is let go.
  const auto done = std::make_shared<std::promise<void>>();
  post([&task, done] {
    task();
    done->set_value();
  });
  done->get_future().wait();
}

bool Loop::running_here() const {
  return core_->context.get_executor().running_in_this_thread();
}

std::size_t Loop::run_ready() {
  HOROLOG_ASSERT(core_->stepped);
  std::size_t done = 0;
  // Inside a task, so that what is called finds running_here().
  post([this] { core_->deadlines.advance(core_->clock.mono_ns()); });
  core_->context.restart();
  done += core_->context.poll();
  return done - 1;
}

const Clock& Loop::clock() const { return core_->clock; }
boost::asio::io_context& Loop::context() { return core_->context; }
net::DeadlineQueue& Loop::deadlines() { return core_->deadlines; }
MutableBytes Loop::scratch() { return {core_->scratch.get(), scratch_bytes}; }

std::shared_ptr<net::BufferPool> Loop::pool_for(std::size_t bytes) {
  if (bytes < net::BufferPool::smallest_kept_bytes) return nullptr;
  if (!core_->trim_set) {
    core_->trim_set = true;
    core_->trim.set(now() + trim_interval_ns);
  }
  return core_->buffers;
}

double Loop::random() { return std::uniform_real_distribution<double>(0, 1)(core_->numbers); }

}  // namespace horolog::client
