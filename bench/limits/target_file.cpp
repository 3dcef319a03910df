#include "bench/limits/target_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "bench/options.hpp"

namespace horolog::bench {
namespace {

void write_at(int fd, ByteView bytes, std::uint64_t position) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0) system_error("pwrite");
    position += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

void fill_file(int fd, std::uint64_t bytes) {
  const ByteBuffer zeros(1 << 20);
  for (std::uint64_t at = 0; at < bytes; at += zeros.size()) {
    const auto size = std::min<std::uint64_t>(zeros.size(), bytes - at);
    write_at(fd, ByteView(zeros).first(size), at);
  }
}

TargetFile::Kind file_kind(const std::string& name) {
  if (name == "growing") return TargetFile::Kind::growing;
  if (name != "prewritten") usage_error("--file: growing or prewritten");
  return TargetFile::Kind::prewritten;
}

TargetFile::TargetFile(const std::string& directory, Kind kind, std::uint64_t bytes)
    : path_(fmt::format("{}/horolog-bench-{}.log", directory, getpid())),
      kind_(kind),
      bytes_(bytes),
      file_(open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (file_.get() < 0) system_error("open " + path_);
  if (kind_ == Kind::prewritten) {
    fill_file(file_.get(), bytes_);
    sync();
  }
}

TargetFile::~TargetFile() { unlink(path_.c_str()); }

void TargetFile::append(ByteView bytes) {
  if (kind_ == Kind::prewritten && position_ + bytes.size() > bytes_) position_ = 0;
  write_at(file_.get(), bytes, position_);
  position_ += bytes.size();
}

void TargetFile::sync() {
  if (fdatasync(file_.get()) != 0) system_error("fdatasync");
}

}  // namespace horolog::bench
