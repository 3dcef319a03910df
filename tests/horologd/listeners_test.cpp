#include "horologd/listeners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace horolog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const ListenerPlan& plan) {
  std::vector<std::string> out;
  for (const ListenerSetting& l : plan.listeners) {
    out.push_back(l.name + " " + l.address.to_string());
  }
  return out;
}

std::vector<std::string> problems(const ListenerPlan& plan, bool fatal) {
  std::vector<std::string> out;
  for (const ListenerProblem& p : plan.problems) {
    if (p.fatal == fatal) out.push_back(p.message);
  }
  return out;
}

ListenerPlan plan(const std::string& listeners, const std::string& advertised = "",
                  const std::string& map = "", const std::string& controllers = "") {
  return plan_listeners({listeners, advertised, map, controllers});
}

TEST(HostPort, ReadsAddressesNamesAndBrackets) {
  EXPECT_EQ(*parse_host_port("127.0.0.1:9092"), (HostPort{"127.0.0.1", 9092}));
  EXPECT_EQ(*parse_host_port("[::1]:0"), (HostPort{"::1", 0}));
  EXPECT_EQ(*parse_host_port("broker.local:65535"), (HostPort{"broker.local", 65535}));
  EXPECT_EQ(*parse_host_port(":9092"), (HostPort{"", 9092}));
  EXPECT_EQ((HostPort{"::1", 1}).to_string(), "[::1]:1");
}

TEST(HostPort, SaysWhatIsWrong) {
  const auto message = [](const char* text) { return parse_host_port(text).error().message(); };
  EXPECT_THAT(message("localhost"), HasSubstr("'localhost' has no port"));
  EXPECT_THAT(message("::1:9092"), HasSubstr("needs brackets"));
  EXPECT_THAT(message("[::1]9092"), HasSubstr("no port after ]"));
  EXPECT_THAT(message("a:65536"), HasSubstr("'65536' is not a port"));
  EXPECT_THAT(message("a:-1"), HasSubstr("is not a port"));
  EXPECT_THAT(message("a:"), HasSubstr("is not a port"));
  EXPECT_THAT(message("a b:1"), HasSubstr("is not a host name"));
}

TEST(Listeners, EveryFormIsRead) {
  EXPECT_THAT(texts(plan("127.0.0.1:1, [::1]:2,plaintext://localhost:3,IN://127.0.0.1:4", "",
                         "IN:PLAINTEXT")),
              ElementsAre("PLAINTEXT 127.0.0.1:1", "PLAINTEXT [::1]:2", "PLAINTEXT localhost:3",
                          "IN 127.0.0.1:4"));
}

TEST(Listeners, OnlyLoopbackIsQuiet) {
  EXPECT_THAT(problems(plan("127.0.0.1:1,[::1]:2,localhost:3"), false), IsEmpty());
  for (const char* text : {"0.0.0.0:1", ":1", "[::]:1", "10.0.0.1:1", "PLAINTEXT://:1"}) {
    EXPECT_THAT(problems(plan(text), false), ElementsAre(HasSubstr("there is no authentication")))
        << text;
  }
}

TEST(Listeners, WhatIsNotServedIsRefused) {
  EXPECT_THAT(problems(plan("SSL://127.0.0.1:1"), true), ElementsAre(HasSubstr("only PLAINTEXT")));
  EXPECT_THAT(problems(plan("OUT://127.0.0.1:1"), true),
              ElementsAre(HasSubstr("add OUT:PLAINTEXT to listener.security.protocol.map")));
  EXPECT_THAT(problems(plan("OUT://127.0.0.1:1", "", "OUT:SASL_SSL"), true),
              ElementsAre(HasSubstr("asks for SASL_SSL")));
  EXPECT_THAT(problems(plan("127.0.0.1:1,127.0.0.1:1"), true), ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(problems(plan("127.0.0.1:0,127.0.0.1:0"), true), IsEmpty()) << "any free port";
  EXPECT_THAT(problems(plan(""), true), ElementsAre(HasSubstr("no listener")));
  EXPECT_THAT(problems(plan("127.0.0.1:1", "", "OUT:TLS"), true),
              ElementsAre(HasSubstr("'TLS' is not a protocol")));
  EXPECT_THAT(problems(plan("127.0.0.1:1", "", "OUT"), true),
              ElementsAre(HasSubstr("not NAME:PROTOCOL")));
}

TEST(Listeners, AdvertisedAddressesMustBeReachable) {
  const ListenerPlan good = plan("IN://:1,OUT://:2", "OUT://kafka.example:9094",
                                 "IN:PLAINTEXT,OUT:PLAINTEXT");
  EXPECT_THAT(problems(good, true), IsEmpty());
  ASSERT_EQ(good.advertised.size(), 1U);
  EXPECT_EQ(good.advertised.at("OUT"), (HostPort{"kafka.example", 9094}));
  EXPECT_THAT(problems(plan("127.0.0.1:1", "0.0.0.0:1"), true), ElementsAre(HasSubstr("every")));
  EXPECT_THAT(problems(plan("127.0.0.1:1", "h:0"), true), ElementsAre(HasSubstr("port 0")));
  EXPECT_THAT(problems(plan("127.0.0.1:1", "OUT://h:1"), true),
              ElementsAre(HasSubstr("no listener is called OUT")));
  EXPECT_THAT(problems(plan("127.0.0.1:1", "a:1,b:1"), true), ElementsAre(HasSubstr("twice")));
}

TEST(Listeners, TheControllersAreLeftOut) {
  const ListenerPlan p = plan("PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2",
                              "CONTROLLER://h:2,PLAINTEXT://h:1", "", "CONTROLLER");
  EXPECT_THAT(texts(p), ElementsAre("PLAINTEXT 127.0.0.1:1"));
  EXPECT_THAT(problems(p, true), IsEmpty());
  EXPECT_EQ(p.advertised.size(), 1U);
}

}  // namespace
}  // namespace horolog
