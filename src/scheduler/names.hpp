#pragma once

#include "client/schedule_names.hpp"

/// The scheduler speaks of these names all the time.
namespace horolog::scheduler {
using namespace schedule_names;
}  // namespace horolog::scheduler
