#pragma once

#include <string>
#include <string_view>

#include "horolog/error.hpp"

/// Binary fields as text, by the letters of rpk's {unpack[…]} (Python's struct, roughly): b B h H i
/// I q Q integers of 1, 2, 4 and 8 bytes, c or . a byte as it is, s the rest, x one byte passed
/// over, < and > the byte order of what follows (big-endian at first), $ the end. Pure.
namespace horolog::command {

Status check_unpack(std::string_view letters);
/// Fields follow each other as they are; a blank among the letters prints one. What is missing or
/// left over is said in place.
void append_unpacked(std::string& out, std::string_view letters, std::string_view bytes);

}  // namespace horolog::command
