#pragma once

#include <string>

#include "horolog/error.hpp"
#include "storage/verify.hpp"

namespace horolog {

/// `horologd check DIR`: everything on disk, offline and read-only. Holds the directory against a
/// broker that would start meanwhile. Errc::busy when one runs there; else as
/// storage::verify_directory().
Result<storage::VerifyReport> check_data(const std::string& directory);

/// For people: a paragraph for each finding, and a line that sums up.
std::string report_text(const std::string& directory, const storage::VerifyReport& report,
                        double seconds);
/// For programs: CHECK.md beside this file describes it.
std::string report_json(const std::string& directory, const storage::VerifyReport& report,
                        double seconds);

}  // namespace horolog
