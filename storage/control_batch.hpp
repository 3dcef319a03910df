#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "record/control_record.hpp"
#include "storage/header_cursor.hpp"

/// Which batches of a log have to do with transactions, and what markers say.
namespace horolog::storage {

inline bool is_control(const BatchFrame& frame) {
  return (frame.header.attributes & record::attribute::control) != 0;
}
inline bool is_transactional(const BatchFrame& frame) {
  return (frame.header.attributes & record::attribute::transactional) != 0;
}

/// The marker in a control batch of `batches`, which the frame's position counts in; nullopt when
/// it is of another type. Errc::corrupt when it does not decode.
inline Result<std::optional<record::EndTransactionMarker>> marker_in(const BatchFrame& frame,
                                                                     ByteView batches) {
  HOROLOG_ASSIGN(const auto batch, record::parse_batch(batches.subspan(frame.position)));
  return record::end_transaction_marker(batch);
}

/// The same for a batch in a segment's file.
inline Result<std::optional<record::EndTransactionMarker>> marker_in(const BatchFrame& frame,
                                                                     const SegmentFile& file) {
  ByteBuffer bytes(frame.size);
  HOROLOG_ASSIGN(const std::size_t got, file.file().read_at(bytes, frame.position));
  bytes.resize(got);
  HOROLOG_ASSIGN(const auto batch, record::parse_batch(bytes));
  return record::end_transaction_marker(batch);
}

}  // namespace horolog::storage
