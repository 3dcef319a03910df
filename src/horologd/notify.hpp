#pragma once

#include <string>
#include <string_view>

namespace horolog {

/// Tells systemd how the service is doing (sd_notify(3)'s protocol: one datagram of "KEY=value"
/// lines to the socket that NOTIFY_SOCKET names). Does nothing outside systemd; failures are
/// ignored, because nothing can be done about them.
class ServiceNotifier {
 public:
  /// `socket_path` as in NOTIFY_SOCKET: a path, or '@' and an abstract name; empty = off.
  explicit ServiceNotifier(std::string socket_path) : path_(std::move(socket_path)) {}
  static ServiceNotifier from_environment();

  void ready(std::string_view status) const;
  void status(std::string_view text) const;
  void reloading() const;
  void stopping() const;

 private:
  void send(const std::string& message) const;

  std::string path_;
};

}  // namespace horolog
