#include "tools/completion.hpp"

#include <algorithm>

#include "tools/parser.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::string_view bash_script = R"(# horolog completion for bash
_horolog() {
  local line
  COMPREPLY=()
  while IFS=$'\t' read -r line _; do
    COMPREPLY+=("$line")
  done < <(horolog __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _horolog horolog
)";

constexpr std::string_view zsh_script = R"(#compdef horolog
_horolog() {
  local -a found
  local word summary
  while IFS=$'\t' read -r word summary; do
    found+=("${word//:/\\:}:$summary")
  done < <(horolog __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#found} )); then _describe horolog found; else _files; fi
}
compdef _horolog horolog
)";

constexpr std::string_view fish_script = R"(# horolog completion for fish
function __horolog_complete
  set -l words (commandline -opc) (commandline -ct)
  horolog __complete $words[2..-1] 2>/dev/null
end
complete -c horolog -f -a '(__horolog_complete)'
)";

bool takes_value(const Flag& flag) { return flag.type != ValueType::none; }

class Completer {
 public:
  Completer(const std::vector<std::string>& words, const LiveNames& live)
      : words_(words), live_(live) {}

  std::vector<Candidate> run() {
    const std::string last = words_.empty() ? "" : words_.back();
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) step(words_[i], i + 2 == words_.size());
    if (pending_ != nullptr) {
      offer_values(*pending_);
    } else if (last.starts_with('-')) {
      for (const Flag* flag : flags_of(command_)) offer(flag->name, flag->summary);
    } else if (command_ == nullptr) {
      for (const std::string_view word : words_after(path_)) offer(word, summary_of(word));
    } else {
      offer_argument();
    }
    std::erase_if(found_, [&](const Candidate& each) { return !each.word.starts_with(last); });
    return std::move(found_);
  }

 private:
  void offer(std::string_view word, std::string_view summary) {
    found_.push_back({std::string(word), std::string(summary)});
  }

  std::string summary_of(std::string_view word) const {
    const std::string path = path_.empty() ? std::string(word) : path_ + " " + std::string(word);
    const Command* command = find_command(path);
    return std::string(command != nullptr ? command->summary : family_summary(path));
  }

  void step(const std::string& word, bool before_last) {
    if (skip_) {
      skip_ = false;
      return;
    }
    if (word.starts_with('-')) return step_flag(word, before_last);
    if (command_ != nullptr) {
      ++args_;
      return;
    }
    path_ = path_.empty() ? word : path_ + " " + word;
    command_ = find_command(path_);
  }

  void step_flag(const std::string& word, bool before_last) {
    for (const Flag* flag : flags_of(command_)) {
      const bool named = flag->name == word || (word.size() == 2 && word[1] == flag->letter);
      if (!named || !takes_value(*flag)) continue;
      skip_ = true;
      pending_ = before_last ? flag : nullptr;
      return;
    }
  }

  void offer_values(const Flag& flag) {
    if (flag.type == ValueType::choice) {
      for (const std::string_view choice : split(flag.choices, '|')) offer(choice, "");
    }
    offer_live(flag.type);
  }

  void offer_argument() {
    if (command_->args.empty()) return;
    const std::size_t index = std::min(args_, command_->args.size() - 1);
    if (args_ > index && !command_->args[index].variadic) return;
    offer_live(command_->args[index].type);
  }

  void offer_live(ValueType type) {
    if (type != ValueType::topic && type != ValueType::group) return;
    for (const std::string& name : live_(type)) offer(name, "");
  }

  const std::vector<std::string>& words_;
  const LiveNames& live_;
  std::string path_;
  const Command* command_ = nullptr;
  const Flag* pending_ = nullptr;
  bool skip_ = false;
  std::size_t args_ = 0;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> complete(const std::vector<std::string>& words, const LiveNames& live) {
  return Completer(words, live).run();
}

std::optional<std::string_view> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script;
  if (shell == "zsh") return zsh_script;
  if (shell == "fish") return fish_script;
  return std::nullopt;
}

}  // namespace horolog::command
