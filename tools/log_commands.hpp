#pragma once

#include "tools/command_table.hpp"
#include "tools/context.hpp"

/// The offline commands. They change nothing on disk.
namespace horolog::command {

Exit run_log_ls(Context& context);
Exit run_log_dump(Context& context);
Exit run_log_verify(Context& context);
Exit run_log_recover(Context& context);

std::span<const SectionSpec> log_ls_output();
std::span<const SectionSpec> log_dump_output();
std::span<const SectionSpec> log_recover_output();

}  // namespace horolog::command
