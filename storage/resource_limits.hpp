#pragma once

#include <cstddef>

namespace horolog::storage {

/// How many segments may be open at once, from the process's limits on descriptors (whose soft
/// limit is raised to the hard one) and the kernel's default for mappings: each open segment takes
/// one of both, and the other half is left to sockets and everything else.
std::size_t open_segments_limit();

}  // namespace horolog::storage
