#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "horologd/problem.hpp"
#include "horologd/settings.hpp"

namespace horolog {

/// "name = value" as some source gave it, not checked yet.
struct Assignment {
  std::string name;
  std::string value;
  SettingSource source = SettingSource::built_in;
  Place name_place;
  Place value_place;
};

using Assignments = std::vector<Assignment>;

/// Reads a configuration file: YAML, or Java properties when its name ends in ".properties".
/// Duplicate keys, empty values and whatever is not "key: scalar or list" become problems.
void read_config_file(const std::string& path, Assignments& out, Problems& problems);
void read_yaml(const std::string& name, const std::string& text, Assignments& out,
               Problems& problems);
void read_properties(const std::string& name, const std::string& text, Assignments& out,
                     Problems& problems);

/// KAFKA_LOG_SEGMENT_BYTES and HOROLOG_LOG_SEGMENT_BYTES are log.segment.bytes (`_` is a dot, `__`
/// an underscore, `___` a hyphen, as in Kafka's container image). Names that are no setting only
/// warn: others use these prefixes too.
void read_environment(const std::vector<std::pair<std::string, std::string>>& variables,
                      Assignments& out, Problems& problems);
/// The variables of this process.
std::vector<std::pair<std::string, std::string>> process_environment();
/// "LOG_SEGMENT_BYTES" → "log.segment.bytes".
std::string setting_name_of_variable(std::string_view variable_without_prefix);

/// The lines of a text, for Place::line_text.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace horolog
