#include "net/endpoint.hpp"

#include <gtest/gtest.h>

namespace horolog::net {
namespace {

Endpoint of(const char* address) { return Endpoint::of({asio::ip::make_address(address), 9092}); }

TEST(Endpoint, writes_an_ipv4_mapped_address_as_ipv4) {
  EXPECT_EQ(of("::ffff:10.1.2.3").host, "10.1.2.3");
  EXPECT_EQ(of("::ffff:10.1.2.3").to_string(), "10.1.2.3:9092");
  EXPECT_EQ(of("127.0.0.1").to_string(), "127.0.0.1:9092");
}

TEST(Endpoint, puts_ipv6_in_brackets_only_beside_a_port) {
  EXPECT_EQ(of("2001:db8::1").host, "2001:db8::1");
  EXPECT_EQ(of("2001:db8::1").to_string(), "[2001:db8::1]:9092");
}

}  // namespace
}  // namespace horolog::net
