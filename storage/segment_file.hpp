#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/file.hpp"

namespace horolog::storage {

/// A segment's log file, open, and mapped when it is the one being appended to. Slices and writers
/// hold it: while somebody does, its bytes stay readable, whatever retention, deletion, a roll or
/// the segment cache decide.
class SegmentFile {
 public:
  SegmentFile(std::unique_ptr<File> file, std::shared_ptr<MappedRegion> mapping)
      : file_(std::move(file)), mapping_(std::move(mapping)) {}

  File& file() const { return *file_; }
  /// nullptr when the file is not mapped. Only bytes below the file's size may be touched.
  std::byte* map() const { return mapping_ ? mapping_->data() : nullptr; }
  std::size_t map_size() const { return mapping_ ? mapping_->size() : 0; }

 private:
  std::unique_ptr<File> file_;
  std::shared_ptr<MappedRegion> mapping_;
};

}  // namespace horolog::storage
