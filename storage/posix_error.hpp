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

/// The disk itself has failed (or its file system has turned read-only after a failure): no later
/// call is to be trusted, unlike with a full disk.
inline bool is_disk_failure(const Error& error) {
  return error.os_error() == EIO || error.os_error() == EROFS;
}

}  // namespace horolog::storage
