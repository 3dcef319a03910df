#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/record_format.hpp"
#include "tools/text.hpp"
#include "tools/unpack.hpp"

namespace horolog::command {
namespace {

using Kind = FormatPiece::Kind;
using Form = FormatPiece::Form;

/// Which one, the braces say.
constexpr Kind attribute = Kind::compression;

struct AttributeWord {
  std::string_view word;
  Kind kind;
};
constexpr AttributeWord attributes[] = {{"compression", Kind::compression},
                                        {"timestamp-type", Kind::timestamp_type},
                                        {"transactional-bit", Kind::transactional_bit},
                                        {"control-bit", Kind::control_bit}};

struct Verb {
  char letter;
  Kind kind;
};
constexpr Verb verbs[] = {
    {'t', Kind::topic},      {'k', Kind::key},       {'v', Kind::value},
    {'T', Kind::topic_size}, {'K', Kind::key_size},  {'V', Kind::value_size},
    {'p', Kind::partition},  {'o', Kind::offset},    {'e', Kind::leader_epoch},
    {'d', Kind::timestamp},  {'i', Kind::counter},   {'H', Kind::header_count},
    {'h', Kind::headers},    {'[', Kind::log_start}, {'|', Kind::stable},
    {']', Kind::end},        {'x', Kind::producer_id}, {'y', Kind::producer_epoch},
    {'a', attribute},
};

struct FormWord {
  std::string_view word;
  Form form;
  unsigned bits = 0;
};
constexpr FormWord text_forms[] = {
    {"hex", Form::hex}, {"base64", Form::base64}, {"base64raw", Form::base64raw}};
constexpr FormWord number_forms[] = {
    {"ascii", Form::plain},       {"hex", Form::hex},           {"hex64", Form::hex, 64},
    {"hex32", Form::hex, 32},     {"hex16", Form::hex, 16},     {"hex8", Form::hex, 8},
    {"hex4", Form::hex, 4},       {"big64", Form::big, 64},     {"big32", Form::big, 32},
    {"big16", Form::big, 16},     {"big8", Form::big, 8},       {"little64", Form::little, 64},
    {"little32", Form::little, 32}, {"little16", Form::little, 16}, {"little8", Form::little, 8},
    {"byte", Form::big, 8},       {"bool", Form::boolean}};

std::string names_of(std::span<const FormWord> forms) {
  std::vector<std::string> names;
  for (const FormWord& each : forms) names.emplace_back(each.word);
  return join(names, ", ");
}

bool is_size(Kind kind) {
  return kind == Kind::topic_size || kind == Kind::key_size || kind == Kind::value_size ||
         kind == Kind::header_count;
}

bool is_of_header(Kind kind) {
  return kind == Kind::literal || kind == Kind::key || kind == Kind::value ||
         kind == Kind::key_size || kind == Kind::value_size;
}

/// "strftime[%F]" → "%F", between brackets, braces, parentheses or number signs.
std::optional<std::string_view> pattern_of(std::string_view form, std::string_view word) {
  if (!form.starts_with(word)) return std::nullopt;
  form.remove_prefix(word.size());
  constexpr std::string_view open = "[{(#";
  constexpr std::string_view close = "]})#";
  std::size_t depth = 0;
  while (form.size() >= 2 && open.find(form.front()) != std::string_view::npos &&
         form.back() == close[open.find(form.front())]) {
    ++depth;
    form = form.substr(1, form.size() - 2);
    // Only number signs are doubled; other brackets inside belong to the pattern.
    if (form.empty() || form.front() != '#') break;
  }
  return depth > 0 ? std::optional(form) : std::nullopt;
}

class TemplateParser {
 public:
  TemplateParser(std::string_view text, FormatUse use) : text_(text), use_(use) {}

  Result<RecordTemplate> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        HOROLOG_TRY(take_escape());
      } else if (c == '%') {
        HOROLOG_TRY(take_verb());
      } else {
        literal(c);
        ++at_;
      }
    }
    return std::move(pieces_);
  }

 private:
  Error wrong(std::string_view what) const {
    return {Errc::invalid_argument,
            fmt::format("format '{}', character {}: {}", text_, at_ + 1, what)};
  }

  void literal(char c) {
    if (pieces_.empty() || pieces_.back().kind != Kind::literal) pieces_.emplace_back();
    pieces_.back().text += c;
  }

  Status take_escape() {
    if (at_ + 1 >= text_.size()) return wrong("nothing follows the backslash");
    const char c = text_[at_ + 1];
    constexpr std::string_view letters = "ntr0\\";
    constexpr std::string_view meanings("\n\t\r\0\\", 5);
    if (const std::size_t found = letters.find(c); found != std::string_view::npos) {
      literal(meanings[found]);
      at_ += 2;
      return {};
    }
    if (c != 'x') return wrong("an escape is one of \\n \\t \\r \\0 \\\\ \\xFF");
    const auto byte = from_hex(text_.substr(at_ + 2, 2));
    if (!byte || byte->size() != 1) return wrong("two hexadecimal digits follow \\x");
    literal(static_cast<char>((*byte)[0]));
    at_ += 4;
    return {};
  }

  Status take_verb() {
    if (at_ + 1 >= text_.size()) return wrong("nothing follows the %; %% is the sign itself");
    const char c = text_[at_ + 1];
    if (c == '%' || c == '{' || c == '}') {
      literal(c);
      at_ += 2;
      return {};
    }
    const auto* verb = std::find_if(std::begin(verbs), std::end(verbs),
                                    [&](const Verb& each) { return each.letter == c; });
    if (verb == std::end(verbs)) {
      return wrong(fmt::format("%{} means nothing: see 'horolog {} --help'", c,
                               use_ == FormatUse::print ? "consume" : "produce"));
    }
    FormatPiece piece;
    piece.kind = verb->kind;
    std::optional<std::string_view> braces;
    const std::size_t begins = at_;
    at_ += 2;
    if (at_ < text_.size() && text_[at_] == '{') {
      HOROLOG_ASSIGN(braces, take_braces());
    }
    const std::size_t behind = std::exchange(at_, begins);
    if (piece.kind == Kind::headers) {
      HOROLOG_TRY(take_headers(braces, piece));
    } else if (piece.kind == attribute) {
      HOROLOG_TRY(take_attribute(braces, piece));
    } else if (braces) {
      HOROLOG_TRY(take_form(*braces, piece));
    }
    at_ = behind;
    pieces_.push_back(std::move(piece));
    return {};
  }

  Status take_headers(const std::optional<std::string_view>& braces, FormatPiece& piece) const {
    if (!braces) return wrong("%h needs what stands for each header: %h{%k=%v }");
    auto nested = TemplateParser(*braces, use_).run();
    if (!nested) return wrong(nested.error().message());
    for (const FormatPiece& inner : *nested) {
      if (!is_of_header(inner.kind)) return wrong("a header has %k, %v, %K and %V only");
    }
    piece.nested = std::move(*nested);
    return {};
  }

  /// "compression", or "compression;hex8".
  Status take_attribute(const std::optional<std::string_view>& braces, FormatPiece& piece) const {
    const std::string_view text = braces.value_or("");
    const std::size_t semicolon = text.find(';');
    const auto* found = std::ranges::find(attributes, text.substr(0, semicolon),
                                          &AttributeWord::word);
    if (found == std::end(attributes)) {
      return wrong("%a is followed by {compression}, {timestamp-type}, {transactional-bit} or "
                   "{control-bit}");
    }
    piece.kind = found->kind;
    if (piece.kind == Kind::compression) piece.form = Form::word;
    if (semicolon == std::string_view::npos) return {};
    const std::string_view form = text.substr(semicolon + 1);
    piece.form = Form::plain;
    if (form == "number" || take_word(form, number_forms, piece)) return {};
    return wrong(fmt::format("'{}' is none of number, {}", form, names_of(number_forms)));
  }

  /// What stands between a brace and the one that closes it; a sign behind a % does not count.
  Result<std::string_view> take_braces() {
    std::size_t depth = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char next = i + 1 < text_.size() ? text_[i + 1] : '\0';
      if (text_[i] == '%' && (next == '%' || next == '{' || next == '}')) {
        ++i;
      } else if (text_[i] == '{') {
        ++depth;
      } else if (text_[i] == '}' && --depth == 0) {
        const std::string_view inside = text_.substr(at_ + 1, i - at_ - 1);
        at_ = i + 1;
        return inside;
      }
    }
    return wrong("the brace is not closed");
  }

  Status take_form(std::string_view form, FormatPiece& piece) const {
    if (piece.is_text()) return take_text_form(form, piece);
    if (piece.kind == Kind::timestamp) {
      HOROLOG_ASSIGN(const bool taken, take_time_form(form, piece));
      if (taken) return {};
    }
    if (use_ == FormatUse::read && is_size(piece.kind)) {
      if (const auto fixed = parse_integer(form); fixed && *fixed >= 0) {
        piece.form = Form::fixed;
        piece.number = *fixed;
        return {};
      }
    }
    if (take_word(form, number_forms, piece)) return {};
    return wrong(fmt::format("'{}' is none of {}", form, names_of(number_forms)));
  }

  Status take_text_form(std::string_view form, FormatPiece& piece) const {
    if (take_word(form, text_forms, piece)) return {};
    const auto take_pattern = [&](std::string_view word, Form kind) {
      const auto pattern = pattern_of(form, word);
      if (!pattern) return false;
      piece.form = kind;
      piece.text = *pattern;
      return true;
    };
    if (use_ == FormatUse::print) {
      if (take_pattern("unpack", Form::unpack)) {
        if (const Status good = check_unpack(piece.text); !good) {
          return wrong(good.error().message());
        }
        return {};
      }
      return wrong(fmt::format("'{}' is none of {}, unpack[…]", form, names_of(text_forms)));
    }
    if (form == "json") {
      piece.form = Form::json;
      return {};
    }
    if (take_pattern("re", Form::regex)) return {};
    return wrong(fmt::format("'{}' is none of {}, json, re[…]", form, names_of(text_forms)));
  }

  /// Whether the form is one that only times have.
  Result<bool> take_time_form(std::string_view form, FormatPiece& piece) const {
    if (form == "rfc3339") {
      piece.form = Form::rfc3339;
      return true;
    }
    for (const auto& [word, kind] : {std::pair<std::string_view, Form>{"strftime", Form::strftime},
                                     std::pair<std::string_view, Form>{"go", Form::go}}) {
      const auto pattern = pattern_of(form, word);
      if (!pattern) continue;
      if (use_ == FormatUse::read) {
        return wrong(fmt::format("{}[…] prints times only: {{rfc3339}} or milliseconds can be read",
                                 word));
      }
      piece.form = kind;
      piece.text = *pattern;
      return true;
    }
    return false;
  }

  static bool take_word(std::string_view form, std::span<const FormWord> forms,
                        FormatPiece& piece) {
    for (const FormWord& each : forms) {
      if (each.word != form) continue;
      piece.form = each.form;
      piece.bits = each.bits;
      return true;
    }
    return false;
  }

  std::string_view text_;
  FormatUse use_;
  std::size_t at_ = 0;
  RecordTemplate pieces_;
};

}  // namespace

Result<RecordTemplate> parse_template(std::string_view text, FormatUse use) {
  return TemplateParser(text, use).run();
}

}  // namespace horolog::command
