#include "storage/file.hpp"

namespace horolog::storage {

std::string parent_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<ByteBuffer> read_whole_file(FileSystem& fs, const std::string& path) {
  HOROLOG_ASSIGN(auto file, fs.open(path, OpenMode::read));
  HOROLOG_ASSIGN(const std::uint64_t size, file->size());
  ByteBuffer content(size);
  HOROLOG_ASSIGN(const std::size_t got, file->read_at(content, 0));
  content.resize(got);
  return content;
}

namespace {

Status replace(FileSystem& fs, const std::string& path, ByteView content, bool sync) {
  const std::string temporary = path + ".tmp";
  {
    HOROLOG_ASSIGN(auto file, fs.open(temporary, OpenMode::create));
    HOROLOG_TRY(file->truncate(0));
    HOROLOG_TRY(file->write_at(content, 0));
    if (sync) HOROLOG_TRY(file->sync_data());
  }
  return fs.rename(temporary, path);
}

}  // namespace

Status replace_file_unlisted(FileSystem& fs, const std::string& path, ByteView content) {
  return replace(fs, path, content, true);
}

Status replace_file_unsynced(FileSystem& fs, const std::string& path, ByteView content) {
  return replace(fs, path, content, false);
}

Status replace_file(FileSystem& fs, const std::string& path, ByteView content) {
  HOROLOG_TRY(replace_file_unlisted(fs, path, content));
  return fs.sync_directory(parent_directory(path));
}

}  // namespace horolog::storage
