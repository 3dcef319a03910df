#pragma once

#include "tools/context.hpp"

/// Commands that need no cluster, or start another program.
namespace horolog::command {

Exit run_errors_lookup(Context& context);
Exit run_errors_ls(Context& context);
Exit run_profile_ls(Context& context);
Exit run_profile_set(Context& context);
Exit run_profile_use(Context& context);
Exit run_profile_rm(Context& context);
Exit run_completion(Context& context);
Exit run_complete(Context& context);
Exit run_generate_systemd(Context& context);
Exit run_generate_prometheus(Context& context);
Exit run_generate_reference(Context& context);
Exit run_generate_man(Context& context);
Exit run_config_check(Context& context);
Exit run_config_explain(Context& context);
Exit run_bench(Context& context);
Exit run_dev(Context& context);

std::span<const SectionSpec> errors_output();
std::span<const SectionSpec> config_explain_output();
std::span<const SectionSpec> profiles_output();

/// A program of ours: beside this one, else on the path.
std::string sibling_program(std::string_view name);

}  // namespace horolog::command
