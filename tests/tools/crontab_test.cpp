#include "tools/crontab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace horolog::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Crontab, LinesBecomeSchedules) {
  const Crontab read = parse_crontab(
      "# nightly\n"
      "CRON_TZ=Europe/Berlin\n"
      "MAILTO=ops@example.org\n"
      "30 2 * * MON-FRI  /usr/local/bin/backup.sh --all\n"
      "\n"
      "@daily backup.sh\n",
      false);
  ASSERT_EQ(read.entries.size(), 2U);
  EXPECT_EQ(read.entries[0].line, 4U);
  EXPECT_EQ(read.entries[0].name, "backup.sh");
  EXPECT_EQ(read.entries[0].command, "/usr/local/bin/backup.sh --all");
  EXPECT_EQ(read.entries[0].rule.cron, "30 2 * * MON-FRI");
  EXPECT_EQ(read.entries[0].rule.timezone, "Europe/Berlin");
  EXPECT_EQ(read.entries[1].name, "backup.sh-2");
  EXPECT_EQ(read.entries[1].rule.cron, "@daily");
  EXPECT_THAT(read.changes,
              ElementsAre(HasSubstr("line 2: CRON_TZ=Europe/Berlin is the time zone"),
                          HasSubstr("line 3: MAILTO is left out")));
}

TEST(Crontab, WhatATopicCannotDoIsSaid) {
  const Crontab read = parse_crontab("@reboot start\n"
                                     "0 1 * * * mail -s hi%body\n"
                                     "0 2 * * * date +\\%F\n"
                                     "0 3 * * *\n",
                                     false);
  ASSERT_EQ(read.entries.size(), 2U);
  EXPECT_EQ(read.entries[0].command, "mail -s hi");
  EXPECT_EQ(read.entries[1].command, "date +%F");
  EXPECT_THAT(read.changes, ElementsAre(HasSubstr("line 1: left out: @reboot"),
                                        HasSubstr("line 2: what follows '%'"),
                                        HasSubstr("line 4: left out: it has no command")));
}

TEST(Crontab, ASystemCrontabHasUsers) {
  const Crontab read = parse_crontab("17 * * * * root run-parts /etc/cron.hourly\r\n", true);
  ASSERT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.entries[0].command, "run-parts /etc/cron.hourly");
  EXPECT_THAT(read.changes, ElementsAre("line 1: the user root is left out"));
}

}  // namespace
}  // namespace horolog::command
