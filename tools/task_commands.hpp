#pragma once

#include "tools/context.hpp"

namespace horolog::command {

Exit run_task_work(Context& context);
Exit run_task_submit(Context& context);
Exit run_task_ls(Context& context);
Exit run_task_describe(Context& context);
Exit run_task_stats(Context& context);
Exit run_task_dlq_ls(Context& context);
Exit run_task_dlq_retry(Context& context);
Exit run_task_dlq_export(Context& context);
Exit run_task_retry(Context& context);
Exit run_task_cancel(Context& context);
Exit run_task_discard(Context& context);
Exit run_task_pause(Context& context);
Exit run_task_resume(Context& context);
Exit run_check_task(Context& context);

std::span<const SectionSpec> task_work_output();
std::span<const SectionSpec> task_submit_output();
std::span<const SectionSpec> task_ls_output();
std::span<const SectionSpec> task_describe_output();
std::span<const SectionSpec> task_stats_output();
std::span<const SectionSpec> task_dlq_ls_output();
std::span<const SectionSpec> task_dlq_retry_output();
std::span<const SectionSpec> task_dlq_export_output();
std::span<const SectionSpec> task_retry_output();
std::span<const SectionSpec> task_cancel_output();
std::span<const SectionSpec> task_discard_output();
/// Also of task resume.
std::span<const SectionSpec> task_pause_output();

}  // namespace horolog::command
