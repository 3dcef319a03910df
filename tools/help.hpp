#pragma once

#include <string>
#include <string_view>

#include "tools/command_table.hpp"

/// What is made from the command table for people. Pure.
namespace horolog::command {

/// "horolog group reset GROUP [flags]"
std::string usage_line(const Command& command);
std::string command_help(const Command& command);
/// The commands below a path ("" for all).
std::string family_help(std::string_view path);
/// Every command, for tools/README or a web page.
std::string markdown_reference();
/// A page of section 1 in mdoc(7); "" is horolog(1) itself.
std::string man_page(std::string_view path);

}  // namespace horolog::command
