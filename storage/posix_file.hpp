#pragma once

#include <memory>
#include <string>

#include "storage/file.hpp"

namespace horolog::storage {

/// A File over a descriptor, which it owns. Thread-safe as File says.
std::unique_ptr<File> make_posix_file(int descriptor, std::string path);

}  // namespace horolog::storage
