#pragma once

#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/record.hpp"
#include "horolog/schedules.hpp"

/// Commands as records. Pure.
namespace horolog::client {

/// The headers that say what the options say. Errc::invalid_argument for what no scheduler could
/// understand: a label with ',' in it, a further header with a name of ours. Contradictions between
/// fields are the scheduler's to find.
Result<std::vector<Header>> to_headers(const ScheduleOptions& options);

/// The definition's headers with a change laid over them. A new rule takes the place of the old
/// one, however that was written; those that only said where the definition came from go.
Result<std::vector<Header>> altered_headers(const ScheduleState& now,
                                            const Schedules::Alteration& change);

/// "1h30m" for 5400000: the spelling that people would choose.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace horolog::client
