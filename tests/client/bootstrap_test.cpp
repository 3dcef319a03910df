#include "client/bootstrap.hpp"

#include <gtest/gtest.h>

namespace horolog::client {
namespace {

TEST(BootstrapTest, TakesAddressesApart) {
  const auto parsed = parse_bootstrap("a:1, b ,[::1]:9093,PLAINTEXT://c:4");
  ASSERT_TRUE(parsed) << parsed.error().message();
  const std::vector<HostPort> expected{{"a", 1}, {"b", 9092}, {"::1", 9093}, {"c", 4}};
  EXPECT_EQ(*parsed, expected);
}

TEST(BootstrapTest, NamesThePartThatIsWrong) {
  for (const auto& [text, word] : std::vector<std::pair<std::string, std::string>>{
           {"", "none"},
           {" , ", "none"},
           {"a:1,b:x", "\"b:x\""},
           {"a:0", "port"},
           {"a:65536", "port"},
           {":9092", "host"},
           {"::1:9092", "brackets"},
           {"[::1", "closed"},
           {"SSL://a:1", "SSL"}}) {
    const auto parsed = parse_bootstrap(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Errc::invalid_argument);
    EXPECT_NE(parsed.error().message().find(word), std::string::npos) << parsed.error().message();
  }
}

}  // namespace
}  // namespace horolog::client
