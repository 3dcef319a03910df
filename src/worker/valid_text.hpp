#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace horolog::worker {

/// UTF-8 of at most `most` bytes and a sign that something was cut off; bytes that are not UTF-8
/// become '?'. For text of programs that may write anything.
std::string valid_text(std::string_view bytes, std::size_t most);

}  // namespace horolog::worker
