#include "storage/posix_error.hpp"

#include <fmt/format.h>

#include <system_error>

namespace horolog::storage {
namespace {

Errc code_of(int os_error) {
  switch (os_error) {
    case ENOENT: return Errc::not_found;
    case EEXIST: return Errc::already_exists;
    case ENOSPC:
    case EDQUOT: return Errc::disk_full;
    case EAGAIN: return Errc::busy;
    default: return Errc::io;
  }
}

std::string_view fix_of(int os_error) {
  switch (os_error) {
    case ENOSPC: return "; free some space";
    case EDQUOT: return "; raise the quota or free some space";
    case EACCES:
    case EPERM: return "; give this user the right to read and write there";
    case EROFS: return "; the file system is mounted read-only";
    case EMFILE: return "; raise the limit of open files (ulimit -n)";
    case ENOMEM: return "; memory, or the limit of mappings (vm.max_map_count), is used up";
    default: return "";
  }
}

}  // namespace

Error posix_error(int os_error, std::string_view what, std::string_view path) {
  return Error(code_of(os_error),
               fmt::format("cannot {} {}: {}{}", what, path,
                           std::generic_category().message(os_error), fix_of(os_error)),
               os_error);
}

}  // namespace horolog::storage
