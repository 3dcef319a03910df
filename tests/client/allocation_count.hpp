#pragma once

#include <cstddef>

namespace horolog::client {

/// How often this thread has asked for memory, since it started.
std::size_t allocations_of_this_thread();

}  // namespace horolog::client
