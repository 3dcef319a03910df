#pragma once

#include <memory>
#include <string>

#include "protocol/dump.hpp"
#include "protocol/reader.hpp"
#include "protocol/writer.hpp"
#include "tests/protocol/all_messages.hpp"

/// What codec.hpp and dump.hpp do, for messages of a type chosen at run time.
namespace horolog::wire {

inline Result<std::unique_ptr<AnyMessage>> decode_any(const MessageType& type, ByteView bytes,
                                                      std::int16_t version) {
  auto message = type.make();
  Reader reader(*type.api, version, bytes);
  message->visit(reader);
  HOROLOG_TRY(reader.complete());
  return message;
}

inline ByteBuffer encode_any(const MessageType& type, AnyMessage& message, std::int16_t version) {
  Writer writer(*type.api, version, {});
  message.visit(writer);
  return std::move(writer).take().bytes;
}

inline std::string dump_any(const MessageType& type, AnyMessage& message, std::int16_t version) {
  Dump text(*type.api, version, DumpOptions::everything());
  message.visit(text);
  return std::move(text).take();
}

}  // namespace horolog::wire
