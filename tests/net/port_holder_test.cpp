#include "net/port_holder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace horolog::net {
namespace {

/// A /proc of our own making: process 42 ("kafka") holds the sockets 100 and 101.
class PortHolderTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "horolog_proc." + std::to_string(getpid());
    std::filesystem::create_directories(root_ + "/net");
    std::filesystem::create_directories(root_ + "/42/fd");
    std::filesystem::create_directories(root_ + "/self");
    std::filesystem::create_symlink("socket:[100]", root_ + "/42/fd/3");
    std::filesystem::create_symlink("socket:[101]", root_ + "/42/fd/4");
    write("42/comm", "kafka\n");
    // 127.0.0.1:9092 listening, 127.0.0.1:9093 established, *:9094 held by nobody we may see.
    write("net/tcp",
          "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
          "   0: 0100007F:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 100 1\n"
          "   1: 0100007F:2385 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 100 1\n"
          "   2: 00000000:2386 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 999 1\n"
          "   garbage\n");
    write("net/tcp6",
          "header\n"
          "   0: 00000000000000000000000000000000:2387 00000000000000000000000000000000:0000 0A "
          "00000000:00000000 00:00000000 00000000 0 0 101 1\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(root_ + "/" + name) << text;
  }
  std::string root_;
};

TEST_F(PortHolderTest, FindsTheProcessOfAnAddress) {
  const auto holder = find_port_holder({"127.0.0.1", 9092}, root_);
  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->pid, 42);
  EXPECT_EQ(holder->process, "kafka");
  EXPECT_EQ(port_in_use_message({"127.0.0.1", 9092}, root_),
            "cannot listen on 127.0.0.1:9092: in use by pid 42 (kafka)");
}

TEST_F(PortHolderTest, EveryInterfaceConflictsWithOne) {
  EXPECT_TRUE(find_port_holder({"", 9092}, root_).has_value());
  EXPECT_TRUE(find_port_holder({"0.0.0.0", 9092}, root_).has_value());
  EXPECT_TRUE(find_port_holder({"10.0.0.1", 9095}, root_).has_value()) << "held on [::]";
  EXPECT_FALSE(find_port_holder({"127.0.0.2", 9092}, root_).has_value());
}

TEST_F(PortHolderTest, ConnectionsAndUnknownHoldersAreNotNamed) {
  EXPECT_FALSE(find_port_holder({"127.0.0.1", 9093}, root_).has_value()) << "not listening";
  EXPECT_FALSE(find_port_holder({"127.0.0.1", 1}, root_).has_value());
  EXPECT_EQ(port_in_use_message({"::1", 9094}, root_),
            "cannot listen on [::1]:9094: in use by a process that the system does not name");
}

TEST_F(PortHolderTest, ReadsTheRealProc) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
  const auto holder = find_port_holder(Endpoint::of(acceptor.local_endpoint()));
  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->pid, getpid());
}

}  // namespace
}  // namespace horolog::net
