#pragma once

#include <string>
#include <string_view>

#include "record/batch.hpp"
#include "record/record.hpp"

namespace horolog::command {

/// What the records of a partition mean, by the name of its topic.
enum class LogContent : std::uint8_t { data, group_offsets, transactions, metadata };

LogContent content_of(std::string_view topic);

/// The meaning of a record in words, on one line; empty for plain data. A record that does not
/// decode says so: nothing stops at it.
std::string decode_record(LogContent content, const record::RecordView& record);
/// The meaning of a record of a control batch.
std::string decode_control(const record::RecordView& record);

}  // namespace horolog::command
