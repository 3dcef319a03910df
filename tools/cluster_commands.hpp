#pragma once

#include "tools/context.hpp"

namespace horolog::command {

Exit run_cluster_info(Context& context);
Exit run_cluster_health(Context& context);
Exit run_config_ls(Context& context);
Exit run_config_get(Context& context);
Exit run_config_set(Context& context);
Exit run_config_diff(Context& context);
Exit run_check_broker(Context& context);
Exit run_check_group(Context& context);
Exit run_check_topic(Context& context);

std::span<const SectionSpec> cluster_info_output();
std::span<const SectionSpec> cluster_health_output();
std::span<const SectionSpec> config_output();
std::span<const SectionSpec> check_output();

}  // namespace horolog::command
