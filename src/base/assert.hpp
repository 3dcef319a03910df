#pragma once

namespace horolog {

/// Writes the condition and its place to stderr and aborts.
[[noreturn]] void assert_failed(const char* condition, const char* file, int line);

}  // namespace horolog

/// Always on, in every build: a broken invariant must stop the process before it writes.
#define HOROLOG_ASSERT(condition)                                      \
  (static_cast<bool>(condition)                                        \
       ? static_cast<void>(0)                                          \
       : ::horolog::assert_failed(#condition, __FILE__, __LINE__))
