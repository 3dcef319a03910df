#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

/// `%020d.sum`: what the files of a sealed segment must look like. Text: a line "0" (the version),
/// the number of files, and for each "suffix bytes digest" (`log`, `index`, `timeindex`, and
/// `txnindex` when there is one; XXH3, 128 bits, as 32 hexadecimal digits). Its presence says that
/// the segment was finished.
namespace horolog::storage {

struct FileSum {
  std::string suffix;  ///< with its dot
  std::uint64_t bytes = 0;
  std::string digest;
  bool operator==(const FileSum&) const = default;
};

ByteBuffer encode_sums(const std::vector<FileSum>& sums);
Result<std::vector<FileSum>> decode_sums(ByteView bytes);

/// Reads the file through. `state` stands behind the suffix in its name (log_files::cleaned).
Result<FileSum> sum_file(FileSystem& fs, const std::string& directory, Offset base,
                         std::string_view suffix, std::string_view state = {});
/// Writes the `.sum` of a segment, whose files' names and its own end with `state`; the caller
/// syncs the directory.
Status write_sums(FileSystem& fs, const std::string& directory, Offset base,
                  std::string_view state = {});
/// Errc::not_found when the segment has none, Errc::corrupt when it does not decode.
Result<std::vector<FileSum>> read_sums(FileSystem& fs, const std::string& directory, Offset base);
/// Whether the segment has been finished, as far as its log file has the size that the `.sum`
/// names. Only in such a one may offsets have gaps, also at its end: compaction takes batches out.
Result<bool> is_finished(FileSystem& fs, const std::string& directory, Offset base,
                         std::uint64_t log_bytes);

}  // namespace horolog::storage
