#pragma once

#include <span>
#include <string>

#include "base/bytes.hpp"
#include "tools/entry_stream.hpp"

namespace horolog::command {

/// The files of a partition beside its logs: indices, snapshots, sums, checkpoints.
bool knows_side_file(const std::string& name);
/// Prints the entries. An error is what is wrong with the rest of the file.
Status dump_side_file(const std::string& name, ByteView bytes, EntryStream& stream);
std::span<const SectionSpec> side_file_output();

}  // namespace horolog::command
