#pragma once

#include <memory>
#include <string>

#include "admin/source.hpp"
#include "horolog/error.hpp"
#include "net/endpoint.hpp"

namespace horolog::admin {

/// An HttpServer with a loop and a thread of its own, for programs that have none.
class HttpThread {
 public:
  /// Errc::busy when the port is taken. `source` outlives this.
  static Result<std::unique_ptr<HttpThread>> listen(const net::Endpoint& address,
                                                    const Source& source, std::string version);
  /// Ends when what was being answered is.
  ~HttpThread();
  HttpThread(const HttpThread&) = delete;
  HttpThread& operator=(const HttpThread&) = delete;

  /// With the port that was bound.
  std::string address() const;

 private:
  struct Impl;
  explicit HttpThread(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog::admin
