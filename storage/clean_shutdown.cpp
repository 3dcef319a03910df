#include "storage/clean_shutdown.hpp"

#include <fmt/format.h>

namespace horolog::storage {

std::string format_clean_shutdown(std::int64_t broker_epoch) {
  return fmt::format(R"({{"version":0,"brokerEpoch":{}}})", broker_epoch);
}

Status write_clean_shutdown(FileSystem& fs, const std::string& directory,
                            std::int64_t broker_epoch) {
  return replace_file(fs, directory + "/" + clean_shutdown_name,
                      as_bytes(format_clean_shutdown(broker_epoch)));
}

Result<bool> take_clean_shutdown(FileSystem& fs, const std::string& directory) {
  const std::string path = directory + "/" + clean_shutdown_name;
  if (!fs.exists(path)) return false;
  HOROLOG_TRY(fs.remove(path));
  HOROLOG_TRY(fs.sync_directory(directory));
  return true;
}

}  // namespace horolog::storage
