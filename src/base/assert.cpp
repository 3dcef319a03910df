#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace horolog {

void assert_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "horolog: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace horolog
