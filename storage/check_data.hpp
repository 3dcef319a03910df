#pragma once

#include <string>

#include "horolog/error.hpp"
#include "storage/verify.hpp"

namespace horolog::storage {

/// `horologd check DIR` and `horolog log verify DIR`: everything on disk, offline and read-only, of
/// a data directory or of one partition in it. Holds the directory against a broker that would
/// start meanwhile. `watched` counts what has been read.
/// Errc::busy when one runs there; else as verify_directory().
Result<VerifyReport> check_data(const std::string& directory, ReadBytes* watched = nullptr);

/// For people: a paragraph for each finding, and a line that sums up.
std::string report_text(const std::string& directory, const VerifyReport& report,
                        double seconds);
/// For programs: src/horologd/CHECK.md describes it.
std::string report_json(const std::string& directory, const VerifyReport& report,
                        double seconds);

}  // namespace horolog::storage
