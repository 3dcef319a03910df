#include "tools/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace horolog::command {
namespace {

using testing::HasSubstr;

TEST(ClientSettings, LaterSourcesWin) {
  ClientSettings settings;
  EXPECT_EQ(settings.text("bootstrap.servers"), "localhost:9092");
  ASSERT_TRUE(settings.read_file("# mine\nbootstrap.servers = a:1\n\nclient.id: x\n", "f", false));
  EXPECT_EQ(settings.get("bootstrap.servers").source, "f:2");
  ASSERT_TRUE(settings.set("bootstrap.servers", "b:2", "-X"));
  EXPECT_EQ(settings.text("bootstrap.servers"), "b:2");
  EXPECT_EQ(settings.text("client.id"), "x");
}

TEST(ClientSettings, MistakesNameTheirPlace) {
  ClientSettings settings;
  EXPECT_THAT(settings.read_file("\nbootstrap.severs=a:1", "f", false).error().message(),
              testing::AllOf(HasSubstr("f:2"), HasSubstr("did you mean 'bootstrap.servers'?")));
  EXPECT_THAT(settings.read_file("nonsense", "f", false).error().message(), HasSubstr("f:1"));
  EXPECT_THAT(settings.set("request.timeout.ms", "soon", "-X").error().message(),
              HasSubstr("'soon' is no number"));
  EXPECT_FALSE(settings.set("bootstrap.servers", "", "-X").ok());
}

TEST(ClientSettings, KafkasFilesAreReadAsFarAsTheyMatter) {
  ClientSettings settings;
  const auto passed = settings.read_file(
      "bootstrap.servers=a:1\nmax.poll.records=5\nsecurity.protocol=PLAINTEXT\n", "f", true);
  ASSERT_TRUE(passed);
  EXPECT_THAT(*passed, testing::ElementsAre("max.poll.records"));
  EXPECT_EQ(settings.read_file("security.protocol=SSL", "f", true).error().code(),
            Errc::unsupported);
}

}  // namespace
}  // namespace horolog::command
