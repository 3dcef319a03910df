#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "horolog/error.hpp"
#include "protocol/header.hpp"
#include "protocol/reader.hpp"
#include "protocol/writer.hpp"

/// Messages to bytes and back: bodies alone, and whole frames with size and header.
namespace horolog::wire {

namespace detail {

/// Errc::unsupported unless the schema of the message has `version`.
Status check_version(const Api& api, std::int16_t version);

template <Described T>
Spliced append(const T& message, std::int16_t version, Spliced out) {
  Writer writer(T::api, version, std::move(out));
  // describe() is one function for reading and writing; a Writer leaves the fields alone.
  writer.visit(const_cast<T&>(message));
  return std::move(writer).take();
}

/// Size placeholder and header of a frame.
Spliced start_request(const RequestHeader& header, bool flexible);
Spliced start_response(const ResponseHeader& header, bool flexible);
/// Puts the frame's size, spliced bytes included, into its first four bytes.
Spliced finish_frame(Spliced frame);

}  // namespace detail

/// Decodes a message that fills `body` exactly. `version` comes from a peer: one that the schema
/// does not have is Errc::unsupported; malformed bytes are Errc::corrupt, a count above a limit is
/// Errc::too_large. Records in the result borrow from `body`.
template <Described T>
Result<T> decode(ByteView body, std::int16_t version) {
  HOROLOG_TRY(detail::check_version(T::api, version));
  Result<T> result{T{}};
  Reader reader(T::api, version, body);
  reader.visit(*result);
  HOROLOG_TRY(reader.complete());
  return result;
}

/// As decode(), but ignores what follows the message: for formats whose newer versions only add
/// fields at the end (ConsumerProtocolSubscription and ConsumerProtocolAssignment).
template <Described T>
Result<T> decode_prefix(ByteView bytes, std::int16_t version) {
  HOROLOG_TRY(detail::check_version(T::api, version));
  Result<T> result{T{}};
  Reader reader(T::api, version, bytes);
  reader.visit(*result);
  HOROLOG_TRY(reader.complete_prefix());
  return result;
}

/// Encodes a body whose record data will be sent by the caller at the splice points.
template <Described T>
Spliced encode_spliced(const T& message, std::int16_t version) {
  return detail::append(message, version, {});
}

/// Encodes a body. Records must be null or inline.
template <Described T>
ByteBuffer encode(const T& message, std::int16_t version) {
  Spliced encoded = encode_spliced(message, version);
  HOROLOG_ASSERT(encoded.splices.empty());
  return std::move(encoded.bytes);
}

/// A whole response frame: size, header, body.
template <Described T>
Spliced encode_response(const T& message, std::int16_t version, std::int32_t correlation_id) {
  const bool flexible = T::api.flexible(version) && T::api.key != ApiKey::api_versions;
  Spliced frame = detail::start_response({.correlation_id = correlation_id}, flexible);
  return detail::finish_frame(detail::append(message, version, std::move(frame)));
}

/// The response frame to the request with `header`.
template <Described T>
Spliced encode_response(const RequestHeader& header, const T& message) {
  return encode_response(message, header.api_version, header.correlation_id);
}

/// A whole request frame: size, header, body.
template <Described T>
Spliced encode_request(const T& message, std::int16_t version, std::int32_t correlation_id,
                       std::optional<std::string> client_id) {
  const RequestHeader header{.api_key = static_cast<std::int16_t>(T::api.key),
                             .api_version = version,
                             .correlation_id = correlation_id,
                             .client_id = std::move(client_id)};
  Spliced frame = detail::start_request(header, T::api.flexible(version));
  return detail::finish_frame(detail::append(message, version, std::move(frame)));
}

/// A request frame taken apart (without its size prefix). `body` borrows from the frame.
struct RequestFrame {
  RequestHeader header;
  ByteView body;
};

/// Reads the header of a request. The tagged fields that end it are skipped where the table of
/// served APIs (api_table.hpp) says that the request is flexible; of an API that is not served the
/// body stays unread anyway.
Result<RequestFrame> decode_request_frame(ByteView frame);

/// A response frame taken apart (without its size prefix). `body` borrows from the frame.
struct ResponseFrame {
  std::int32_t correlation_id = 0;
  ByteView body;
};

/// Reads the header of a response to a request of type `api` sent in `version`.
Result<ResponseFrame> decode_response_frame(ByteView frame, const Api& api, std::int16_t version);

}  // namespace horolog::wire
