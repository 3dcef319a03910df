#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"

/// What happens when a mapped file cannot be read or written. The processor then raises SIGBUS: a
/// failing disk, or a block that does not exist. A guarded copy turns it into a return value; any
/// other access aborts, naming the file and the offset.
namespace horolog::storage {

/// Installs the SIGBUS handler; once per process, before the first mapping is touched. Further
/// calls do nothing. Thread-safe.
void install_mapped_guard();

/// memcpy into or out of a mapping. False when the memory could not be reached; `to` is then
/// partly written. Works only when the guard is installed (else SIGBUS ends the process).
bool guarded_copy(std::byte* to, const std::byte* from, std::size_t size);

/// Names a mapping for the handler's message; called by the file seam. At most 65,536 mappings are
/// known by name (the kernel's own limit is near that); further ones are reported without a name.
void register_mapping(const std::byte* data, std::size_t size, const std::string& path);
void unregister_mapping(const std::byte* data);

}  // namespace horolog::storage
