#include "bench/runs/contest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "bench/process.hpp"
#include "bench/runs/runs.hpp"

namespace horolog::bench {
namespace {

std::vector<std::string> command_of(const Task& task, const Contender& contender) {
  const auto other = std::find_if(task.instead.begin(), task.instead.end(),
                                  [&](const Contender& one) { return one.name == contender.name; });
  std::vector<std::string> words = {own_path(), "--buckets"};
  const auto& load = other == task.instead.end() ? task.command : other->words;
  if (load.empty()) return {};
  words.insert(words.end(), load.begin(), load.end());
  words.insert(words.end(), contender.words.begin(), contender.words.end());
  return words;
}

}  // namespace

std::vector<Run> hold_contest(const std::vector<Task>& tasks,
                              const std::vector<Contender>& contenders, int repeats) {
  std::vector<Run> runs;
  for (const Task& task : tasks) {
    for (int repetition = 1; repetition <= repeats; ++repetition) {
      for (const Contender& contender : contenders) {
        const auto words = command_of(task, contender);
        if (words.empty()) continue;
        fmt::print(stderr, "{} {}/{}: {}\n", task.name, repetition, repeats, contender.name);
        std::string output = run_program(words);
        while (output.ends_with('\n')) output.pop_back();
        auto run = parse_run(task.name, contender.name, repetition, std::move(output));
        if (!run) run_error(run.error().message());
        runs.push_back(std::move(run).value());
      }
    }
  }
  return runs;
}

std::vector<OptionSpec> with_output_options(std::vector<OptionSpec> own) {
  own.push_back({"repeat", "5", "repetitions, the systems in turn"});
  own.push_back({"json", "", "file for all results (FORMAT.md)"});
  own.push_back({"csv", "", "file for all results, a field a line"});
  own.push_back({"html", "", "file for one page with charts"});
  return own;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) run_error("cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) run_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void deliver(const Document& document, const Options& options) {
  const auto write = [&](const char* name, auto&& text) {
    const std::string path = options.text(name);
    if (!path.empty()) write_file(path, text(document));
  };
  write("json", write_document);
  write("csv", write_csv);
  write("html", write_html);
  for (const auto& [key, value] : document.machine) fmt::print("{}: {}\n", key, value);
  fmt::print("\n{}", write_table(document));
}

}  // namespace horolog::bench
