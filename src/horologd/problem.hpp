#pragma once

#include <string>
#include <utility>
#include <vector>

namespace horolog {

/// A spot in the configuration that a message can point at.
struct Place {
  std::string source;  ///< file name, environment variable or command-line flag
  int line = 0;        ///< from 1; 0 = not a file
  int column = 0;
  std::string line_text;

  /// "horologd.yaml:14:3", "KAFKA_NODE_ID", "--set".
  std::string to_string() const;
};

/// Something wrong with the configuration. Problems are collected, so that one run names them all.
struct Problem {
  bool fatal = true;
  Place place;
  std::string message;

  /// "error: horologd.yaml:14:3: unknown key …", then the line with a caret below the spot.
  std::string to_string() const;
};

using Problems = std::vector<Problem>;

bool has_fatal(const Problems& problems);

}  // namespace horolog
