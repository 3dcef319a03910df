#pragma once

#include <string>

#include "horolog/error.hpp"

namespace horolog {

/// For --check-config: whether a broker started now could write its data to `path`, without
/// creating or changing anything that stays. A missing directory is fine where it can be created.
/// On success a sentence about it, e.g. "exists, 12.3 GiB free".
Result<std::string> check_data_directory(const std::string& path);

}  // namespace horolog
