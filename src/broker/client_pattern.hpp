#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace horolog::broker {

/// A regular expression that a client sent, in the syntax of RE2 (ListTransactions). Hostile ones
/// cost a bounded time: a match that would take too long counts as none. Immutable, so several
/// threads may match.
class ClientPattern {
 public:
  /// nullopt for what is no such expression; look-around and back references are none.
  static std::optional<ClientPattern> compile(const std::string& text);
  /// Whether the whole text matches.
  bool matches(std::string_view text) const;

 private:
  struct Compiled;
  explicit ClientPattern(std::shared_ptr<const Compiled> compiled)
      : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace horolog::broker
