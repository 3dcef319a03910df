#pragma once

#include <string>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/segment.hpp"

/// How a compacted segment takes the place of those it was made of, so that a crash at any moment
/// leaves the old ones or the new one:
///
///  1. The new files are written and synced as `<name>.cleaned`, and so is the directory. A start
///     that finds a `.cleaned` file drops all `.cleaned` and `.swap` files of that base.
///  2. They are renamed to `<name>.swap`, the log last; the directory is synced. From here on a
///     start finishes what follows.
///  3. The files of the old segments are renamed to `<name>.deleted`; the directory is synced.
///  4. The log loses its `.swap`, the directory is synced, then the files beside it do.
namespace horolog::storage {

/// Step 2. `cleaned` has all its files on disk.
Status begin_swap(FileSystem& fs, const std::string& directory, Segment& cleaned);
/// Step 4.
Status finish_swap(FileSystem& fs, const std::string& directory, Segment& cleaned);
/// Drops what a clean that ended early has left of the segment with this base.
Status drop_cleaned(FileSystem& fs, const std::string& directory, Offset base);

/// At the start, before segments are listed: undoes or finishes what a crash interrupted. A crash
/// in here is harmless as well. Errc::corrupt when a new segment cannot be read.
Status settle_interrupted_clean(FileSystem& fs, const std::string& directory);

}  // namespace horolog::storage
