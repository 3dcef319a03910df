#include <fmt/format.h>

#include "tools/completion.hpp"
#include "tools/local_commands.hpp"

namespace horolog::command {

Exit run_complete(Context& context) {
  const auto live = [](ValueType) { return std::vector<std::string>(); };
  for (const Candidate& candidate : complete(context.args(), live)) {
    context.write(candidate.summary.empty()
                      ? fmt::format("{}\n", candidate.word)
                      : fmt::format("{}\t{}\n", candidate.word, candidate.summary));
  }
  return Exit::ok;
}

}  // namespace horolog::command
