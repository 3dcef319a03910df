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

std::span<const SectionSpec> task_work_output();
std::span<const SectionSpec> task_submit_output();
std::span<const SectionSpec> task_ls_output();
std::span<const SectionSpec> task_describe_output();
std::span<const SectionSpec> task_stats_output();
std::span<const SectionSpec> task_dlq_ls_output();
std::span<const SectionSpec> task_dlq_retry_output();

}  // namespace horolog::command
