#include "protocol/codec.hpp"

#include <fmt/format.h>

#include <limits>

#include "protocol/api_table.hpp"

namespace horolog::wire {
namespace {

constexpr std::size_t size_prefix = 4;

Spliced room_for_size() { return {.bytes = ByteBuffer(size_prefix), .splices = {}}; }

}  // namespace

namespace detail {

Status check_version(const Api& api, std::int16_t version) {
  if (api.versions.contains(version)) return {};
  return Error(Errc::unsupported, fmt::format("{} has versions {} to {}, not {}", api.name,
                                              api.versions.min, api.versions.max, version));
}

Spliced start_request(const RequestHeader& header, bool flexible) {
  return append(header, flexible ? 2 : 1, room_for_size());
}

Spliced start_response(const ResponseHeader& header, bool flexible) {
  return append(header, flexible ? 1 : 0, room_for_size());
}

Spliced finish_frame(Spliced frame) {
  const std::size_t size = frame.total_size() - size_prefix;
  HOROLOG_ASSERT(size <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  store_be(frame.bytes.data(), static_cast<std::int32_t>(size));
  return frame;
}

}  // namespace detail

Result<RequestFrame> decode_request_frame(ByteView frame) {
  // Key and version come first and decide which header follows.
  if (frame.size() < 4) {
    return Error(Errc::corrupt, fmt::format("a request of {} bytes has no header", frame.size()));
  }
  const auto key = static_cast<ApiKey>(load_be<std::int16_t>(frame.data()));
  const auto version = load_be<std::int16_t>(frame.data() + 2);
  const ApiRow* row = find_api(key);
  const std::int16_t header_version = row && version >= row->flexible_since ? 2 : 1;
  Reader reader(RequestHeader::api, header_version, frame);
  RequestFrame result;
  reader.visit(result.header);
  HOROLOG_TRY(reader.complete_prefix());
  result.body = reader.rest();
  return result;
}

Result<ResponseFrame> decode_response_frame(ByteView frame, const Api& api, std::int16_t version) {
  const bool flexible = api.flexible(version) && api.key != ApiKey::api_versions;
  Reader reader(ResponseHeader::api, flexible ? 1 : 0, frame);
  ResponseHeader header;
  reader.visit(header);
  HOROLOG_TRY(reader.complete_prefix());
  return ResponseFrame{.correlation_id = header.correlation_id, .body = reader.rest()};
}

}  // namespace horolog::wire
