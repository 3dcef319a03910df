#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tools/field_scanner.hpp"
#include "tools/record_reader.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

using Kind = FormatPiece::Kind;
using Form = FormatPiece::Form;

constexpr std::int64_t most_headers = 100'000;

Error wrong(std::string text) { return {Errc::invalid_argument, std::move(text)}; }

std::string_view verb_of(Kind kind) {
  switch (kind) {
    case Kind::topic: return "%t";
    case Kind::key: return "%k";
    case Kind::value: return "%v";
    case Kind::topic_size: return "%T";
    case Kind::key_size: return "%K";
    case Kind::value_size: return "%V";
    case Kind::partition: return "%p";
    case Kind::offset: return "%o";
    case Kind::leader_epoch: return "%e";
    case Kind::producer_id: return "%x";
    case Kind::producer_epoch: return "%y";
    case Kind::compression:
    case Kind::timestamp_type:
    case Kind::transactional_bit:
    case Kind::control_bit: return "%a";
    case Kind::timestamp: return "%d";
    case Kind::counter: return "%i";
    case Kind::header_count: return "%H";
    case Kind::headers: return "%h";
    case Kind::log_start: return "%[";
    case Kind::stable: return "%|";
    case Kind::end: return "%]";
    case Kind::literal: break;
  }
  return "text";
}

std::optional<Kind> size_kind(Kind kind) {
  switch (kind) {
    case Kind::topic: return Kind::topic_size;
    case Kind::key: return Kind::key_size;
    case Kind::value: return Kind::value_size;
    case Kind::headers: return Kind::header_count;
    default: return std::nullopt;
  }
}

/// What a producer may say of a record.
bool can_be_read(Kind kind) {
  return kind == Kind::literal || kind == Kind::partition || kind == Kind::offset ||
         kind == Kind::timestamp || kind == Kind::header_count || size_kind(kind).has_value() ||
         kind == Kind::topic_size || kind == Kind::key_size || kind == Kind::value_size;
}

/// Whether each field's end can be found. `inside`: of a header, where the text goes on behind it.
Status check_ends(const RecordTemplate& pieces, bool inside) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const FormatPiece& piece = pieces[i];
    if (!can_be_read(piece.kind)) {
      return wrong(fmt::format("{} can be printed, not read", verb_of(piece.kind)));
    }
    const auto size = size_kind(piece.kind);
    if (!size && !(piece.kind == Kind::timestamp && piece.form == Form::rfc3339)) continue;
    const auto before = pieces.begin() + static_cast<std::ptrdiff_t>(i);
    const bool sized = size && std::any_of(pieces.begin(), before, [&](const FormatPiece& each) {
                         return each.kind == *size;
                       });
    if (piece.kind == Kind::headers) {
      if (!sized) return wrong("%h needs the number of headers, %H, before it");
      HOROLOG_TRY(check_ends(piece.nested, true));
      continue;
    }
    const bool found = sized || piece.form == Form::json || piece.form == Form::regex;
    const bool delimited = i + 1 < pieces.size() ? pieces[i + 1].kind == Kind::literal : !inside;
    if (!found && !delimited) {
      return wrong(fmt::format("{} has no end: write its length before it or a text behind it",
                               verb_of(piece.kind)));
    }
  }
  return {};
}

/// Lengths and a number of headers, once they have been read.
struct Sizes {
  std::optional<std::int64_t> topic, key, value, headers;

  std::optional<std::int64_t>& of(Kind kind) {
    if (kind == Kind::topic || kind == Kind::topic_size) return topic;
    if (kind == Kind::key || kind == Kind::key_size) return key;
    return kind == Kind::value || kind == Kind::value_size ? value : headers;
  }
};

class TemplateReader final : public RecordReader {
 public:
  /// A piece's `number` is the place of its pattern.
  TemplateReader(RecordTemplate pieces, std::vector<BytePattern> patterns)
      : pieces_(std::move(pieces)), patterns_(std::move(patterns)) {}

  Result<std::size_t> read(std::string_view input, bool at_end, InputRecord& out) override {
    input_ = input;
    at_end_ = at_end;
    at_ = 0;
    scratch_.clear();
    out = InputRecord();
    HOROLOG_ASSIGN(const bool whole, take_pieces(pieces_, out, nullptr));
    if (whole && at_ > 0) return at_;
    if (!at_end) return std::size_t{0};
    if (whole) return error("the format takes nothing from the input");
    return error("the input ends within a record");
  }

 private:
  Error error(std::string_view what) const {
    return wrong(fmt::format("byte {} of the record: {}", at_ + 1, what));
  }
  std::string_view rest() const { return input_.substr(at_); }

  /// False when the input ends before they do. `header` is what %k and %v mean inside %h.
  Result<bool> take_pieces(const RecordTemplate& pieces, InputRecord& out, HeaderView* header) {
    Sizes sizes;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const FormatPiece& piece = pieces[i];
      const bool last = i + 1 == pieces.size() && header == nullptr;
      bool whole = true;
      if (piece.kind == Kind::literal) {
        HOROLOG_ASSIGN(whole, take_literal(piece.text, last));
      } else if (piece.is_text()) {
        const FormatPiece* next = i + 1 < pieces.size() ? &pieces[i + 1] : nullptr;
        const bool before_last = i + 2 == pieces.size() && header == nullptr;
        HOROLOG_ASSIGN(whole, take_text(piece, sizes.of(piece.kind), next, before_last, out,
                                        header));
      } else if (piece.kind == Kind::headers) {
        HOROLOG_ASSIGN(whole, take_headers(piece, sizes.headers.value_or(0), out));
      } else if (piece.kind == Kind::timestamp && piece.form == Form::rfc3339) {
        const FormatPiece* next = i + 1 < pieces.size() ? &pieces[i + 1] : nullptr;
        HOROLOG_ASSIGN(whole, take_written_time(next, out));
      } else {
        HOROLOG_ASSIGN(whole, take_number(piece, sizes, out));
      }
      if (!whole) return false;
    }
    return true;
  }

  Result<bool> take_literal(const std::string& text, bool last) {
    const std::string_view here = rest();
    if (here.starts_with(text)) {
      at_ += text.size();
      return true;
    }
    if (text.starts_with(here)) {
      // The last record of a file may lack what separates records.
      if (at_end_ && last && here.empty() && at_ > 0) return true;
      return false;
    }
    return error(fmt::format("'{}' was expected", text));
  }

  /// The raw bytes of a field; nullopt when they are not there in full.
  Result<std::optional<std::string_view>> extent(const FormatPiece& piece,
                                                 const std::optional<std::int64_t>& size,
                                                 const FormatPiece* next, bool before_last) {
    const std::string_view here = rest();
    std::size_t length = here.size();
    if (size) {
      if (static_cast<std::uint64_t>(*size) > here.size()) return std::optional<std::string_view>();
      length = static_cast<std::size_t>(*size);
    } else if (piece.form == Form::json) {
      const auto found = json_extent(here, at_end_);
      if (!found) return error("no JSON value is there");
      if (*found == 0) return std::optional<std::string_view>();
      length = *found;
    } else if (piece.form == Form::regex) {
      const auto found = patterns_[static_cast<std::size_t>(piece.number)].match_front(here);
      if (!found && at_end_) return error(fmt::format("nothing matches re[{}]", piece.text));
      // With more input a longer match may be found.
      if (!found || (*found == here.size() && !at_end_)) return std::optional<std::string_view>();
      length = *found;
    } else if (next != nullptr) {
      length = here.find(next->text);
      if (length == std::string_view::npos) {
        if (!at_end_ || !before_last) return std::optional<std::string_view>();
        length = here.size();
      }
    } else if (!at_end_) {
      return std::optional<std::string_view>();
    }
    return std::optional(here.substr(0, length));
  }

  Result<bool> take_text(const FormatPiece& piece, const std::optional<std::int64_t>& size,
                         const FormatPiece* next, bool before_last, InputRecord& out,
                         HeaderView* header) {
    HOROLOG_ASSIGN(const auto raw, extent(piece, size, next, before_last));
    if (!raw) return false;
    HOROLOG_ASSIGN(const std::string_view text, decode(piece, *raw));
    at_ += raw->size();
    if (header != nullptr) {
      if (piece.kind == Kind::key) header->key = text;
      if (piece.kind == Kind::value) header->value = text;
    } else {
      if (piece.kind == Kind::topic) out.topic = text;
      if (piece.kind == Kind::key) out.key = text;
      if (piece.kind == Kind::value) out.value = text;
    }
    return true;
  }

  Result<std::string_view> decode(const FormatPiece& piece, std::string_view raw) {
    if (piece.form != Form::hex && piece.form != Form::base64 && piece.form != Form::base64raw) {
      return raw;
    }
    const bool hex = piece.form == Form::hex;
    const auto bytes = hex ? from_hex(raw) : from_base64(raw);
    if (!bytes) return error(fmt::format("'{}' is no {}", raw, hex ? "hexadecimal" : "base64"));
    return std::string_view(scratch_.emplace_back(as_text(*bytes)));
  }

  Result<bool> take_number(const FormatPiece& piece, Sizes& sizes, InputRecord& out) {
    std::int64_t value = piece.number;
    if (piece.form != Form::fixed) {
      const auto number = scan_number(rest(), at_end_, piece);
      if (!number) {
        return error(fmt::format("{}: {}", verb_of(piece.kind), number.error().message()));
      }
      if (number->size == 0) return false;
      value = number->value;
      at_ += number->size;
    }
    if (piece.kind == Kind::offset) return true;
    if (piece.kind == Kind::timestamp) {
      out.timestamp = value;
      return true;
    }
    const bool partition = piece.kind == Kind::partition;
    std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (piece.kind == Kind::header_count) most = most_headers;
    if (value < (partition ? any_partition : 0) || value > most) {
      return error(fmt::format("{} cannot be {}", verb_of(piece.kind), value));
    }
    if (partition) {
      out.partition = static_cast<PartitionIndex>(value);
    } else {
      sizes.of(piece.kind) = value;
    }
    return true;
  }

  Result<bool> take_written_time(const FormatPiece* next, InputRecord& out) {
    const std::string_view here = rest();
    const std::size_t length = next != nullptr ? here.find(next->text) : here.size();
    if (length == std::string_view::npos || (next == nullptr && !at_end_)) return false;
    const auto time = parse_time(here.substr(0, length), 0);
    if (!time || time->zone_assumed) {
      return error(fmt::format("'{}' is no time with a zone", here.substr(0, length)));
    }
    out.timestamp = time->time;
    at_ += length;
    return true;
  }

  Result<bool> take_headers(const FormatPiece& piece, std::int64_t count, InputRecord& out) {
    for (std::int64_t i = 0; i < count; ++i) {
      HeaderView header{"", Bytes("")};
      HOROLOG_ASSIGN(const bool whole, take_pieces(piece.nested, out, &header));
      if (!whole) return false;
      out.headers.push_back(header);
    }
    return true;
  }

  const RecordTemplate pieces_;
  const std::vector<BytePattern> patterns_;
  // Of the record being read.
  std::string_view input_;
  bool at_end_ = false;
  std::size_t at_ = 0;
  Scratch scratch_;
};

Status compile_patterns(RecordTemplate& pieces, std::vector<BytePattern>& patterns) {
  for (FormatPiece& piece : pieces) {
    if (piece.form == Form::regex) {
      piece.number = static_cast<std::int64_t>(patterns.size());
      HOROLOG_ASSIGN(auto pattern, BytePattern::compile("^(" + piece.text + ")"));
      patterns.push_back(std::move(pattern));
    }
    HOROLOG_TRY(compile_patterns(piece.nested, patterns));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<RecordReader>> make_template_reader(RecordTemplate pieces) {
  if (pieces.empty()) return wrong("the format is empty");
  HOROLOG_TRY(check_ends(pieces, false));
  std::vector<BytePattern> patterns;
  HOROLOG_TRY(compile_patterns(pieces, patterns));
  return std::unique_ptr<RecordReader>(
      std::make_unique<TemplateReader>(std::move(pieces), std::move(patterns)));
}

}  // namespace horolog::command
