#pragma once

#include <cstdint>
#include <string>

#include "horolog/error.hpp"
#include "storage/file.hpp"

/// The clean-shutdown mark, Kafka's file: it stands in the directory exactly while no process has
/// it open and every log was closed. Removed, durably, before loading starts, so that a crash
/// during loading does not look like a clean stop.
namespace horolog::storage {

inline constexpr char clean_shutdown_name[] = ".kafka_cleanshutdown";

std::string format_clean_shutdown(std::int64_t broker_epoch);
Status write_clean_shutdown(FileSystem& fs, const std::string& directory,
                            std::int64_t broker_epoch);
/// Whether the mark was there. It is gone, durably, when this returns.
Result<bool> take_clean_shutdown(FileSystem& fs, const std::string& directory);

}  // namespace horolog::storage
