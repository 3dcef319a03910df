#include "storage/mapped_guard.hpp"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace horolog::storage {
namespace {

// The handler may interrupt anything, so it reads this table without a lock: a slot is valid while
// `begin` is not null, and its other members are written before `begin`.
struct Slot {
  std::atomic<const std::byte*> begin{nullptr};
  std::atomic<std::size_t> size{0};
  std::atomic<const char*> path{nullptr};
};
constexpr std::size_t slot_count = 65'536;
Slot slots[slot_count];
std::atomic<std::size_t> slots_used{0};

// Writers of the table. Never destroyed: mappings may outlive static destruction.
struct Registry {
  std::mutex mutex;
  std::unordered_map<const std::byte*, std::size_t> slot_of;
  std::vector<std::size_t> free_slots;
};
Registry& registry() {
  static Registry* const instance = new Registry;
  return *instance;
}

thread_local sigjmp_buf* active_guard = nullptr;

void put(const char* text) { static_cast<void>(!::write(STDERR_FILENO, text, std::strlen(text))); }

void put_number(std::size_t number) {
  std::array<char, 24> digits{};
  std::size_t at = digits.size() - 1;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put(digits.data() + at);
}

void on_sigbus(int, siginfo_t* info, void*) {
  if (active_guard != nullptr) siglongjmp(*active_guard, 1);
  const auto* at = static_cast<const std::byte*>(info->si_addr);
  put("horolog: SIGBUS: a mapped file could not be read or written: ");
  bool named = false;
  const std::size_t used = std::min(slots_used.load(std::memory_order_acquire), slot_count);
  for (std::size_t i = 0; i < used && !named; ++i) {
    const std::byte* begin = slots[i].begin.load(std::memory_order_acquire);
    if (begin == nullptr || at < begin || at >= begin + slots[i].size.load()) continue;
    put(slots[i].path.load());
    put(" at byte ");
    put_number(static_cast<std::size_t>(at - begin));
    named = true;
  }
  put(named ? "" : "(no file known at that address)");
  put("; check the disk and its free space\n");
  ::signal(SIGBUS, SIG_DFL);
  ::raise(SIGBUS);
}

}  // namespace

void install_mapped_guard() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = on_sigbus;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, nullptr);
  });
}

bool guarded_copy(std::byte* to, const std::byte* from, std::size_t size) {
  sigjmp_buf here;
  // Without saving the signal mask this costs nanoseconds; SA_NODEFER leaves the mask as it was.
  if (sigsetjmp(here, 0) != 0) {
    active_guard = nullptr;
    return false;
  }
  active_guard = &here;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(to, from, size);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  active_guard = nullptr;
  return true;
}

void register_mapping(const std::byte* data, std::size_t size, const std::string& path) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  std::size_t index = 0;
  if (!known.free_slots.empty()) {
    index = known.free_slots.back();
    known.free_slots.pop_back();
  } else if (slots_used.load() < slot_count) {
    index = slots_used.fetch_add(1);
  } else {
    return;
  }
  slots[index].size = size;
  slots[index].path = ::strdup(path.c_str());
  slots[index].begin.store(data, std::memory_order_release);
  known.slot_of[data] = index;
}

void unregister_mapping(const std::byte* data) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  const auto found = known.slot_of.find(data);
  if (found == known.slot_of.end()) return;
  Slot& slot = slots[found->second];
  slot.begin.store(nullptr, std::memory_order_release);
  std::free(const_cast<char*>(slot.path.exchange(nullptr)));
  known.free_slots.push_back(found->second);
  known.slot_of.erase(found);
}

}  // namespace horolog::storage
