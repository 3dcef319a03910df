#pragma once

#include <string>
#include <vector>

#include "bench/options.hpp"
#include "bench/results/document.hpp"

namespace horolog::bench {

/// A system that takes part, and the words that make a load's command run on it.
struct Contender {
  std::string name;
  std::vector<std::string> words;
};

/// A load of this program: its command without where to run.
struct Task {
  std::string name;
  std::vector<std::string> command;
  /// Contenders by name that take other words than the command; empty words: not taking part.
  std::vector<Contender> instead{};
};

/// Every task by every contender in turn, `repeats` times, so that what changes on the machine
/// meanwhile hits all of them. Progress goes to stderr. Every load is a process of its own.
std::vector<Run> hold_contest(const std::vector<Task>& tasks,
                              const std::vector<Contender>& contenders, int repeats);

/// --json, --csv, --html and --repeat.
std::vector<OptionSpec> with_output_options(std::vector<OptionSpec> own);
/// Writes what the options ask for and prints the table.
void deliver(const Document& document, const Options& options);
void write_file(const std::string& path, const std::string& text);
std::string read_file(const std::string& path);

}  // namespace horolog::bench
