#include "horologd/notify.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace horolog {
namespace {

/// The service manager's end: a datagram socket with a path, or an abstract name.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name) : name_(name) {
    descriptor_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), length), 0) << name;
  }
  ~NotifySocket() {
    close(descriptor_);
    if (name_.front() != '@') unlink(name_.c_str());
  }
  std::string receive() {
    char buffer[512];
    const ssize_t length = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
    return length < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(length));
  }

 private:
  std::string name_;
  int descriptor_ = -1;
};

void expect_messages(const std::string& name) {
  NotifySocket socket(name);
  const ServiceNotifier notifier(name);
  notifier.status("loading");
  EXPECT_EQ(socket.receive(), "STATUS=loading");
  notifier.ready("serving 127.0.0.1:9092");
  EXPECT_EQ(socket.receive(), "READY=1\nSTATUS=serving 127.0.0.1:9092");
  notifier.reloading();
  EXPECT_EQ(socket.receive(), "RELOADING=1");
  notifier.stopping();
  EXPECT_EQ(socket.receive(), "STOPPING=1\nSTATUS=stopping");
}

TEST(Notify, TellsASocketWithAPath) {
  expect_messages(testing::TempDir() + "horolog_notify." + std::to_string(getpid()));
}

TEST(Notify, TellsAnAbstractSocket) {
  expect_messages("@horolog_notify." + std::to_string(getpid()));
}

TEST(Notify, DoesNothingWithoutASocket) {
  ServiceNotifier("").ready("x");
  ServiceNotifier("/nonexistent/socket").ready("x");
  ServiceNotifier(std::string(500, 'x')).ready("x");
}

}  // namespace
}  // namespace horolog
