#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/log.hpp"
#include "broker/config_changes.hpp"
#include "broker/config_view.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

/// Log4j's names, with ours.
constexpr std::array<std::pair<std::string_view, log::Level>, 6> levels{{
    {"DEBUG", log::Level::debug},
    {"ERROR", log::Level::error},
    {"FATAL", log::Level::error},
    {"INFO", log::Level::info},
    {"TRACE", log::Level::debug},
    {"WARN", log::Level::warn},
}};

std::optional<log::Level> level_of(std::string_view name) {
  for (const auto& [text, level] : levels) {
    if (text == name) return level;
  }
  return std::nullopt;
}

std::optional<Refusal> check_node(const std::string& name, std::int32_t node_id) {
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size()) {
    return Refusal{ErrorCode::invalid_request,
                   fmt::format("Node id must be an integer, but it is: {}", name)};
  }
  if (id == node_id) return std::nullopt;
  return Refusal{ErrorCode::invalid_request,
                 fmt::format("Unexpected node id. Expected {}, but received {}", node_id, name)};
}

std::optional<Refusal> check(const ConfigEdit& edit) {
  const auto refuse = [](ErrorCode code, std::string text) {
    return Refusal{code, std::move(text)};
  };
  switch (edit.operation) {
    case ConfigOperation::append:
    case ConfigOperation::subtract:
      return refuse(ErrorCode::invalid_request,
                    fmt::format("{} operation is not allowed for the BROKER_LOGGER resource",
                                edit.operation == ConfigOperation::append ? "APPEND" : "SUBTRACT"));
    case ConfigOperation::set:
    case ConfigOperation::remove:
      break;
    default:
      return Refusal{ErrorCode::unknown_server_error, std::nullopt};
  }
  if (edit.name != root_logger) {
    return refuse(ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", edit.name));
  }
  if (edit.operation == ConfigOperation::remove) {
    return refuse(ErrorCode::invalid_request,
                  fmt::format("Removing the log level of the {} logger is not allowed", edit.name));
  }
  if (!edit.value || !level_of(*edit.value)) {
    return refuse(ErrorCode::invalid_config,
                  fmt::format("Cannot set the log level of {} to {} as it is not a supported log "
                              "level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
                              edit.name, edit.value.value_or("null")));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> change_loggers(std::int32_t node_id, const ResourceEdits& asked,
                                      bool validate_only) {
  if (auto refused = check_node(asked.name, node_id)) return refused;
  for (const ConfigEdit& edit : asked.edits) {
    if (auto refused = check(edit)) return refused;
  }
  if (validate_only) return std::nullopt;
  for (const ConfigEdit& edit : asked.edits) log::set_level(*level_of(*edit.value));
  return std::nullopt;
}

}  // namespace horolog::broker
