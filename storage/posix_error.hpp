#pragma once

#include <cerrno>
#include <string_view>

#include "horolog/error.hpp"

namespace horolog::storage {

/// errno as an Error: "<what> <path>: <text>", with the likely fix where one is known.
Error posix_error(int os_error, std::string_view what, std::string_view path);
inline Error posix_error(std::string_view what, std::string_view path) {
  return posix_error(errno, what, path);
}

}  // namespace horolog::storage
