#include "tools/record_format.hpp"

#include <ctime>

#include <charconv>

#include "tools/go_time.hpp"
#include "tools/text.hpp"
#include "tools/unpack.hpp"

namespace horolog::command {
namespace {

using Kind = FormatPiece::Kind;
using Form = FormatPiece::Form;

void append_text(std::string& out, std::string_view text, const FormatPiece& piece) {
  switch (piece.form) {
    case Form::hex: out += to_hex(as_bytes(text)); break;
    case Form::base64: out += to_base64(as_bytes(text)); break;
    case Form::base64raw: {
      std::string encoded = to_base64(as_bytes(text));
      encoded.erase(encoded.find_last_not_of('=') + 1);
      out += encoded;
      break;
    }
    case Form::unpack: append_unpacked(out, piece.text, text); break;
    default: out += text;
  }
}

template <typename Number>
void append_digits(std::string& out, Number value, int base, std::size_t width) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  const auto size = static_cast<std::size_t>(end - digits);
  if (size < width) out.append(width - size, '0');
  out.append(digits, size);
}

void append_number(std::string& out, std::int64_t value, const FormatPiece& piece) {
  const auto bits = static_cast<std::uint64_t>(value);
  switch (piece.form) {
    case Form::hex: {
      const bool cut = piece.bits != 0 && piece.bits != 64;
      const std::uint64_t kept = cut ? bits & ((std::uint64_t{1} << piece.bits) - 1) : bits;
      append_digits(out, kept, 16, piece.bits / 4);
      break;
    }
    case Form::big:
      for (unsigned shift = piece.bits; shift > 0; shift -= 8) {
        out += static_cast<char>(bits >> (shift - 8) & 0xff);
      }
      break;
    case Form::little:
      for (unsigned shift = 0; shift < piece.bits; shift += 8) {
        out += static_cast<char>(bits >> shift & 0xff);
      }
      break;
    case Form::boolean: out += value != 0 ? "true" : "false"; break;
    default: append_digits(out, value, 10, 0);
  }
}

void append_strftime(std::string& out, const std::string& pattern, TimestampMs time) {
  const std::time_t seconds = time / 1000 - (time % 1000 < 0 ? 1 : 0);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[256];
  out.append(buffer, std::strftime(buffer, sizeof buffer, pattern.c_str(), &parts));
}

void append_time(std::string& out, TimestampMs time, const FormatPiece& piece) {
  switch (piece.form) {
    case Form::rfc3339: out += format_time(time); break;
    case Form::strftime: append_strftime(out, piece.text, time); break;
    case Form::go: append_go_time(out, piece.text, time); break;
    default: append_number(out, time, piece);
  }
}

void append_header(std::string& out, const RecordTemplate& pieces, const HeaderView& header) {
  for (const FormatPiece& piece : pieces) {
    switch (piece.kind) {
      case Kind::key: append_text(out, header.key, piece); break;
      case Kind::value: append_text(out, header.value.text(), piece); break;
      case Kind::key_size:
        append_number(out, static_cast<std::int64_t>(header.key.size()), piece);
        break;
      case Kind::value_size:
        append_number(out, static_cast<std::int64_t>(header.value.size()), piece);
        break;
      default: out += piece.text;
    }
  }
}

void append_compression(std::string& out, Compression compression, const FormatPiece& piece) {
  constexpr std::string_view words[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  const auto number = static_cast<std::size_t>(compression);
  if (piece.form == Form::word && number < std::size(words)) {
    out += words[number];
  } else {
    append_number(out, static_cast<std::int64_t>(number), piece);
  }
}

std::int64_t number_of(Kind kind, const RecordView& record, const FormatContext& context) {
  switch (kind) {
    case Kind::topic_size: return static_cast<std::int64_t>(record.topic.size());
    case Kind::key_size: return static_cast<std::int64_t>(record.key.size());
    case Kind::value_size: return static_cast<std::int64_t>(record.value.size());
    case Kind::partition: return record.partition;
    case Kind::offset: return record.offset;
    case Kind::leader_epoch: return record.leader_epoch;
    case Kind::producer_id: return record.producer_id;
    case Kind::producer_epoch: return record.producer_epoch;
    case Kind::timestamp_type: return record.append_time ? 1 : 0;
    case Kind::transactional_bit: return record.transactional ? 1 : 0;
    // Control records are never handed out.
    case Kind::control_bit: return 0;
    case Kind::counter: return context.counter;
    case Kind::header_count: return static_cast<std::int64_t>(record.headers.size());
    case Kind::log_start: return context.log_start;
    case Kind::stable: return context.stable;
    default: return context.end;
  }
}

}  // namespace

void append_record(std::string& out, const RecordTemplate& pieces, const RecordView& record,
                   const FormatContext& context) {
  for (const FormatPiece& piece : pieces) {
    switch (piece.kind) {
      case Kind::literal: out += piece.text; break;
      case Kind::topic: append_text(out, record.topic, piece); break;
      case Kind::key: append_text(out, record.key.text(), piece); break;
      case Kind::value: append_text(out, record.value.text(), piece); break;
      case Kind::timestamp: append_time(out, record.timestamp, piece); break;
      case Kind::compression: append_compression(out, record.compression, piece); break;
      case Kind::headers:
        for (const HeaderView& header : record.headers) append_header(out, piece.nested, header);
        break;
      default: append_number(out, number_of(piece.kind, record, context), piece);
    }
  }
}

}  // namespace horolog::command
