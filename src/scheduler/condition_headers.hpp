#pragma once

#include <vector>

#include "horolog/error.hpp"
#include "scheduler/condition.hpp"
#include "scheduler/header_fields.hpp"

namespace horolog::scheduler {

/// What the headers of a definition say of its conditions.
struct ConditionHeaders {
  std::vector<Condition> conditions;
  /// With a time rule: it fires at either, not at both.
  bool either = false;
  /// horolog-delay counts from a record, and is no time rule.
  bool takes_delay = false;
};

Result<ConditionHeaders> read_conditions(const HeaderFields& fields);

}  // namespace horolog::scheduler
