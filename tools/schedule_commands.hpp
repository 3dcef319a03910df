#pragma once

#include "tools/context.hpp"

/// Commands about the schedules of a cluster.
namespace horolog::command {

Exit run_schedule_create(Context& context);
Exit run_schedule_alter(Context& context);
Exit run_schedule_ls(Context& context);
Exit run_schedule_describe(Context& context);
Exit run_schedule_pause(Context& context);
Exit run_schedule_resume(Context& context);
Exit run_schedule_trigger(Context& context);
Exit run_schedule_rm(Context& context);
Exit run_schedule_backfill(Context& context);
Exit run_schedule_import(Context& context);
Exit run_schedule_export(Context& context);
Exit run_check_schedule(Context& context);

std::span<const SectionSpec> schedule_sent_output();
std::span<const SectionSpec> schedule_import_output();
std::span<const SectionSpec> schedule_ls_output();
std::span<const SectionSpec> schedule_describe_output();

}  // namespace horolog::command
