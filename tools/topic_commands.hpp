#pragma once

#include "tools/context.hpp"

namespace horolog::command {

Exit run_topic_ls(Context& context);
Exit run_topic_describe(Context& context);
Exit run_topic_create(Context& context);
Exit run_topic_alter(Context& context);
Exit run_topic_rm(Context& context);
Exit run_topic_add_partitions(Context& context);
Exit run_topic_trim(Context& context);
Exit run_offsets(Context& context);

std::span<const SectionSpec> topic_ls_output();
std::span<const SectionSpec> topic_describe_output();
std::span<const SectionSpec> topic_create_output();
std::span<const SectionSpec> topic_trim_output();
std::span<const SectionSpec> offsets_output();

/// "topic", "dynamic_broker", …: where a setting's value comes from.
std::string_view source_name(int source);

}  // namespace horolog::command
