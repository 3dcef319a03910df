#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/types.hpp"

/// Names of the files in a partition's directory. Kafka's, but for `.sum`, `.producers` and
/// `.cut-N`, which are ours (see FORMAT.md).
namespace horolog::storage::log_files {

inline constexpr std::string_view log = ".log";
inline constexpr std::string_view offset_index = ".index";
inline constexpr std::string_view time_index = ".timeindex";
inline constexpr std::string_view transaction_index = ".txnindex";
inline constexpr std::string_view snapshot = ".snapshot";
inline constexpr std::string_view producers = ".producers";
inline constexpr std::string_view sum = ".sum";
/// Behind the other suffixes: a file of a segment that compaction is writing, one that is about to
/// take its place, and one that lost it.
inline constexpr std::string_view cleaned = ".cleaned";
inline constexpr std::string_view swap = ".swap";
inline constexpr std::string_view deleted = ".deleted";
inline constexpr std::string_view temporary = ".tmp";
inline constexpr std::string_view cut = ".cut-";
inline constexpr std::string_view epochs = "leader-epoch-checkpoint";
inline constexpr std::string_view partition_metadata = "partition.metadata";

/// What a segment consists of besides its log.
inline constexpr std::array beside_log{offset_index, time_index, transaction_index, sum};

/// "<directory>/<20 digits><suffix>".
std::string path(const std::string& directory, Offset offset, std::string_view suffix);
/// The offset in "<20 digits><suffix>"; nullopt when the name is not of that form.
std::optional<Offset> parse(std::string_view name, std::string_view suffix);

}  // namespace horolog::storage::log_files
