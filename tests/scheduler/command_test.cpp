#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/command.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::HasSubstr;

/// Why a command with these headers is refused; empty when it is not.
std::string refusal(const Fields& fields, const std::string& key = "k") {
  const InRecord in{.offset = 7, .timestamp = noon, .record = {key, "v", headers_of(fields)}};
  const auto command = parse_command(in, 0, {});
  return command ? "" : command.error().message();
}

DefinitionPtr definition(const Fields& fields, const std::string& key = "k") {
  const InRecord in{.offset = 7, .timestamp = noon, .record = {key, "v", headers_of(fields)}};
  auto command = parse_command(in, 3, {});
  EXPECT_TRUE(command.ok()) << command.error().message();
  return command ? command->definition : nullptr;
}

TEST(CommandTest, every_time_rule_is_read) {
  EXPECT_EQ(definition({{"horolog-topic", "t"}, {"horolog-at", "2023-11-15T13:00:00Z"}})
                ->rule.next(0), noon + hour);
  EXPECT_EQ(definition({{"horolog-topic", "t"}, {"horolog-delay", "15m"}})->rule.next(0),
            noon + 15 * minute);
  EXPECT_EQ(definition({{"horolog-topic", "t"}, {"horolog-every", "1h"}})->rule.next(noon),
            noon + hour);
  EXPECT_EQ(definition({{"horolog-topic", "t"}, {"horolog-cron", "30 12 * * *"}})->rule.next(noon),
            noon + 30 * minute);
}

TEST(CommandTest, the_definition_remembers_where_and_when_it_was_sent) {
  const auto read = definition({{"horolog-topic", "t"}, {"horolog-every", "1s"}});
  EXPECT_EQ(read->generation, 7);
  EXPECT_EQ(read->origin, (Origin{3, 7, noon}));
}

TEST(CommandTest, the_dialects_of_other_schedulers_are_read) {
  const auto etf1 = definition({{"scheduler-epoch", "1700053200"},
                                {"scheduler-target-topic", "t"},
                                {"scheduler-target-key", "key"}});
  EXPECT_EQ(etf1->rule.at(), noon + hour);
  EXPECT_EQ(etf1->target, "t");
  EXPECT_EQ(etf1->out_key, "key");
  const auto karafka = definition({{"schedule_target_epoch", "1700053200"},
                                   {"schedule_target_topic", "t"},
                                   {"schedule_target_key", "key"},
                                   {"schedule_target_partition", "4"}});
  EXPECT_EQ(karafka->rule.at(), noon + hour);
  EXPECT_EQ(karafka->out_partition, 4);
}

TEST(CommandTest, contradictions_between_dialects_are_refused) {
  EXPECT_THAT(refusal({{"scheduler-epoch", "1700053200"},
                       {"scheduler-target-topic", "t"},
                       {"horolog-topic", "u"}}),
              HasSubstr("given twice"));
  EXPECT_THAT(refusal({{"scheduler-epoch", "soon"}, {"horolog-topic", "u"}}),
              HasSubstr("scheduler-epoch column 1: 'soon' is no time"));
}

TEST(CommandTest, what_makes_no_sense_is_refused_with_the_reason) {
  const std::pair<std::string, std::string> topic{"horolog-topic", "t"};
  const std::pair<std::string, std::string> every{"horolog-every", "1s"};
  const std::vector<std::pair<Fields, std::string>> cases{
      {{every}, "horolog-topic is missing"},
      {{topic}, "no time rule"},
      {{topic, every, {"horolog-at", "1"}}, "contradict each other"},
      {{topic, every, {"horolog-tpoic", "x"}}, "unknown header 'horolog-tpoic'"},
      {{topic, every, every}, "horolog-every is given twice"},
      {{topic, {"horolog-when", "wait x"}}, "horolog-when column 1: 'wait' is no condition"},
      {{topic, {"horolog-when", "after x"}, {"horolog-when", "after x"}}, "is given twice"},
      {{topic, {"horolog-when", "after x"}, {"horolog-when", "record"}},
       "horolog-when (2 of 2) column 7: the topic is missing"},
      {{topic, {"horolog-when", "record x restart"}}, "column 10: there is no delay"},
      {{topic, {"horolog-when", "after x"}, {"horolog-when-mode", "or"}}, "there is no time rule"},
      {{topic, {"horolog-at", "9999999999999"}, {"horolog-when-mode", "or"}}, "needs a condition"},
      {{topic, {"horolog-when", "after x"}, {"horolog-jitter", "1s"}}, "there is no time"},
      {{topic, every, {"horolog-fire-id", "x"}}, "written by the scheduler"},
      {{topic, {"horolog-cron", "61 * * * *"}}, "column 1"},
      {{topic, {"horolog-cron", "* * * * j"}}, "column 9"},
      {{topic, {"horolog-cron", "* * * * *"}, {"horolog-timezone", "Mars/Base"}}, "Mars/Base"},
      {{topic, {"horolog-delay", "soon"}}, "soon"},
      {{topic, every, {"horolog-overlap", "maybe"}}, "'maybe' is none of allow, skip"},
      {{topic, every, {"horolog-catch-up", "some"}}, "'some' is none of latest, none, all"},
      {{topic, every, {"horolog-catch-up-on-resume", "yes"}}, "neither true nor false"},
      {{topic, every, {"horolog-partition", "-1"}}, "not a whole number from 0"},
      {{topic, every, {"horolog-priority", "10"}}, "not a whole number from 0 to 9"},
      {{topic, every, {"horolog-labels", "a=b,c"}}, "horolog-labels column 5"},
      {{topic, every, {"horolog-calendar", "de"}}, "no calendar named 'de'"},
      {{topic, every, {"horolog-from", "1"}}, "belong to a backfill"},
      {{{"horolog-action", "stop"}}, "'stop' is none of pause"},
      {{{"horolog-action", "pause"}, every}, "horolog-every has no meaning beside horolog-action"},
      {{{"horolog-action", "backfill"}, {"horolog-from", "1"}}, "needs horolog-from and"},
      {{{"horolog-action", "backfill"}, {"horolog-from", "9"}, {"horolog-to", "1"}},
       "horolog-to lies before horolog-from"},
  };
  for (const auto& [fields, reason] : cases) EXPECT_THAT(refusal(fields), HasSubstr(reason));
  EXPECT_THAT(refusal({topic, every}, ""), HasSubstr("the key is missing"));
}

TEST(CommandTest, the_column_of_a_refusal_is_found_in_its_text) {
  EXPECT_EQ(column_in(refusal({{"horolog-topic", "t"}, {"horolog-cron", "* * * * j"}})), 9);
  EXPECT_EQ(column_in("no column here"), std::nullopt);
}

TEST(CommandTest, a_retry_names_the_fire_it_repeats) {
  const Fields retry{{"horolog-topic", "t"}, {"horolog-delay", "1s"}, {"horolog-fire-id", "f"},
                     {"horolog-attempt", "2"}};
  EXPECT_EQ(definition(retry, "retry:f:2")->retry_of, "f");
  EXPECT_THAT(refusal(retry, "retry:f:3"), HasSubstr("must be retry:f:2"));
  EXPECT_THAT(refusal({{"horolog-topic", "t"}, {"horolog-delay", "1s"}}, "retry:f:3"),
              HasSubstr("a retry carries"));
}

TEST(IdentityTest, uuid_version_5_as_the_rfc_gives_it) {
  // RFC 9562, appendix A.4: the DNS namespace and www.example.com.
  const Uuid dns{{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f,
                  0xd4, 0x30, 0xc8}};
  EXPECT_EQ(uuid_text(uuid_v5(dns, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(IdentityTest, a_fire_id_depends_on_key_generation_and_nominal_time) {
  const std::string id = fire_id("k", 1, 2);
  EXPECT_EQ(id, fire_id("k", 1, 2));
  EXPECT_NE(id, fire_id("k", 2, 1));
  EXPECT_NE(id, fire_id("k", 12, 2));
  EXPECT_EQ(id, produced_fire_id("k", 1, 2));
}

TEST(IdentityTest, the_canonical_partition_is_that_of_javas_partitioner) {
  // Java: Utils.toPositive(Utils.murmur2(key)) % 8. The hashes are those of Kafka's UtilsTest.
  EXPECT_EQ(canonical_partition("21", 1'000'000), (-973932308 & 0x7fffffff) % 1'000'000);
  EXPECT_EQ(canonical_partition("foobar", 1'000'000), (-790332482 & 0x7fffffff) % 1'000'000);
  EXPECT_EQ(canonical_partition("a-little-bit-long-string", 8), (-985981536 & 0x7fffffff) % 8);
}

}  // namespace
}  // namespace horolog::scheduler::testing
