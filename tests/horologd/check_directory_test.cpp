#include "horologd/check_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace horolog {
namespace {

using testing::HasSubstr;

class CheckDirectory : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "horolog_check." + std::to_string(getpid());
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::string root_;
};

TEST_F(CheckDirectory, AnExistingOneIsMeasuredAndLeftAsItWas) {
  const auto result = check_data_directory(root_);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_THAT(*result, AllOf(HasSubstr("exists, "), HasSubstr("GiB free")));
  EXPECT_TRUE(std::filesystem::is_empty(root_));
}

TEST_F(CheckDirectory, AMissingOneIsFineAndNotCreated) {
  const auto result = check_data_directory(root_ + "/a/b");
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_THAT(*result, HasSubstr("will be created"));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/a"));
}

TEST_F(CheckDirectory, WhatCannotBeUsedIsNamed) {
  EXPECT_THAT(check_data_directory("/dev/null").error().message(),
              HasSubstr("'/dev/null' is not a directory"));
  EXPECT_THAT(check_data_directory("/proc/horolog").error().message(), HasSubstr("/proc"));
}

}  // namespace
}  // namespace horolog
