#include "horologd/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/nearest_name.hpp"

namespace horolog {
namespace {

constexpr std::string_view flags[] = {
    "--data-dir",     "--listen",          "--config",  "--set", "--check-config",
    "--print-config", "--print-reference", "--version", "--help"};

bool takes_value(std::string_view flag) {
  return flag == "--data-dir" || flag == "--listen" || flag == "--config" || flag == "--set";
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  CommandLine run() {
    if (!arguments_.empty() && arguments_[0] == "check") return run_check();
    for (at_ = 0; at_ < arguments_.size(); ++at_) read_one(arguments_[at_]);
    return std::move(result_);
  }

 private:
  void fail(const std::string& place, std::string message) {
    result_.problems.push_back({true, {place, 0, 0, ""}, std::move(message)});
  }

  /// horologd check DIR [--json]
  CommandLine run_check() {
    result_.action = CommandLine::Action::check_data;
    for (at_ = 1; at_ < arguments_.size(); ++at_) {
      const std::string& argument = arguments_[at_];
      if (argument == "--json") {
        result_.json = true;
      } else if (argument == "--help" || argument == "-h") {
        result_.action = CommandLine::Action::help;
        return std::move(result_);
      } else if (argument.starts_with('-')) {
        fail(argument, "unknown argument (horologd check DIR [--json])");
      } else if (!result_.directory.empty()) {
        fail(argument, fmt::format("one directory is checked, and '{}' was named already",
                                   result_.directory));
      } else {
        result_.directory = argument;
      }
    }
    if (result_.directory.empty()) fail("check", "needs a data directory");
    return std::move(result_);
  }

  void read_one(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string flag = argument == "-h" ? "--help" : argument.substr(0, equals);
    if (std::ranges::count(flags, flag) == 0) return refuse(argument, flag);
    if (!takes_value(flag)) {
      if (equals != std::string::npos) return fail(flag, "takes no value");
      return set_action(flag);
    }
    std::optional<std::string> value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (at_ + 1 < arguments_.size()) {
      value = arguments_[++at_];
    }
    if (!value) return fail(flag, "needs a value (horologd --help shows how)");
    set_value(flag, *value);
  }

  void refuse(const std::string& argument, const std::string& flag) {
    const auto near = nearest_name(flag, flags);
    fail(argument, fmt::format("unknown argument{} (horologd --help lists them)",
                               near ? fmt::format(", did you mean '{}'?", *near) : ""));
  }

  void set_action(const std::string& flag) {
    using enum CommandLine::Action;
    if (flag == "--check-config") result_.action = check_config;
    if (flag == "--print-config") result_.action = print_config;
    if (flag == "--print-reference") result_.action = print_reference;
    if (flag == "--version") result_.action = version;
    if (flag == "--help") result_.action = help;
  }

  void set_value(const std::string& flag, const std::string& value) {
    if (flag == "--config") {
      if (!result_.config_file.empty()) return fail(flag, "given twice: there is one file");
      if (value.empty()) return fail(flag, "needs the name of a file");
      result_.config_file = value;
    } else if (flag == "--data-dir") {
      result_.overrides.push_back({"log.dirs", value, flag});
    } else if (flag == "--listen") {
      result_.overrides.push_back({"listeners", value, flag});
    } else {
      const std::size_t equals = value.find('=');
      if (equals == std::string::npos || equals == 0) {
        return fail(flag, fmt::format("'{}' is not name=value", value));
      }
      result_.overrides.push_back({value.substr(0, equals), value.substr(equals + 1), flag});
    }
  }

  const std::vector<std::string>& arguments_;
  std::size_t at_ = 0;
  CommandLine result_;
};

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  return Parser(arguments).run();
}

std::string usage_text() {
  return "usage: horologd [option…]\n"
         "       horologd check DIR [--json]\n"
         "\n"
         "A log broker that speaks the Apache Kafka protocol. Without options it listens on\n"
         "127.0.0.1:9092 and keeps its data in ./horolog-data.\n"
         "\n"
         "  --data-dir DIR           where the data is (setting log.dirs)\n"
         "  --listen HOST:PORT[,…]   where clients connect (setting listeners); IPv6 in brackets,\n"
         "                           port 0 = any free port\n"
         "  --config FILE            settings from a YAML file, or a server.properties\n"
         "  --set NAME=VALUE         one setting; may be repeated, wins over everything else\n"
         "  --check-config           check the configuration and the data directory, then exit\n"
         "  --print-config           print the effective configuration, then exit\n"
         "  --print-reference        print every setting with its meaning and default, then exit\n"
         "  --version, --help        print and exit\n"
         "\n"
         "  check DIR                verify a data directory that no broker uses; changes nothing\n"
         "\n"
         "Environment: HOROLOG_LOG_SEGMENT_BYTES or KAFKA_LOG_SEGMENT_BYTES: log.segment.bytes.\n"
         "Signals: SIGTERM and SIGINT stop cleanly, SIGHUP reads the configuration again.\n"
         "Exit status: 0 clean stop, 1 failure, 2 usage or configuration, 4 damaged data;\n"
         "of check also 6 in use by a running broker.\n";
}

}  // namespace horolog
