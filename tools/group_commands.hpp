#pragma once

#include "tools/context.hpp"

namespace horolog::command {

Exit run_group_ls(Context& context);
Exit run_group_describe(Context& context);
Exit run_group_members(Context& context);
Exit run_group_lag(Context& context);
Exit run_group_top(Context& context);
Exit run_group_rm(Context& context);
Exit run_group_offset_rm(Context& context);
Exit run_group_reset(Context& context);
Exit run_group_export(Context& context);
Exit run_group_import(Context& context);

std::span<const SectionSpec> group_ls_output();
std::span<const SectionSpec> group_describe_output();
std::span<const SectionSpec> group_members_output();
std::span<const SectionSpec> group_lag_output();
std::span<const SectionSpec> group_top_output();
std::span<const SectionSpec> group_reset_output();

}  // namespace horolog::command
