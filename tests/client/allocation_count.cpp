#include "tests/client/allocation_count.hpp"

#include <cstdlib>
#include <new>

// The thread sanitizer has operators of its own, beside which no others can be linked: nothing is
// counted there, and tests/CMakeLists.txt leaves the tests out that would.
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define HOROLOG_NOT_COUNTED
#endif
#endif

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

#ifndef HOROLOG_NOT_COUNTED
namespace {
void* counted(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace horolog::client {

std::size_t allocations_of_this_thread() { return allocations; }

}  // namespace horolog::client
