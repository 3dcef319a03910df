#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"

namespace horolog::client {

/// Words for an answer whose length cannot be right: what the peer seems to speak, judged by the
/// first bytes, and what to change. A predicate: "answered in HTTP: …". `first`: nothing has been
/// understood on this connection before.
std::string describe_answer(ByteView bytes, bool first, std::size_t limit_bytes);

}  // namespace horolog::client
