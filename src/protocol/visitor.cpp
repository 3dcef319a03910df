#include "protocol/visitor.hpp"

#include <fmt/format.h>

namespace horolog::wire {

void Visitor::cannot_carry(std::string_view name) const {
  const std::string what =
      fmt::format("{} version {} carries the field {}", api_.name, version_, name);
  assert_failed(what.c_str(), __FILE__, __LINE__);
}

}  // namespace horolog::wire
