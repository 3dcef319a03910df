#pragma once

#include <string>
#include <string_view>

namespace horolog::bench {

/// Text that may stand in HTML, in attributes too.
std::string html_text(std::string_view text);

}  // namespace horolog::bench
