#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace horolog {

/// The nearest of `candidates` within a distance that a typing error explains (at most two
/// insertions, deletions, substitutions or swaps of neighbours); nullopt when none is.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> candidates);

}  // namespace horolog
