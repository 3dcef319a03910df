#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace horolog::worker {

/// RFC 4648 §5 (URL-safe), without padding.
std::string base64_text(std::string_view bytes);
/// nullopt when it is not that.
std::optional<std::string> base64_bytes(std::string_view text);

}  // namespace horolog::worker
