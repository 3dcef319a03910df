#pragma once

#include "tools/context.hpp"

namespace horolog::command {

Exit run_produce(Context& context);
Exit run_consume(Context& context);

std::span<const SectionSpec> produce_output();

}  // namespace horolog::command
