#include "net/response_queue.hpp"

#include <gtest/gtest.h>

#include "tests/net/rig.hpp"
#include "tests/net/text_payload.hpp"

namespace horolog::net {
namespace {

Answer answer_of(Response response) {
  Answer answer;
  answer.kind = Answer::Kind::response;
  answer.response = std::move(response);
  return answer;
}

Answer answer_of(Answer::Kind kind) {
  Answer answer;
  answer.kind = kind;
  return answer;
}

/// What the queue gives when every write takes `step` bytes; payloads are read in chunks of 7.
std::string drain(ResponseQueue& queue, std::size_t step) {
  std::string wire;
  std::vector<ByteView> views;
  std::string chunk_text;
  ResponseQueue::Chunk chunk;
  for (;;) {
    const auto gathered = queue.gather(views, chunk);
    if (views.empty() && gathered.stop == ResponseQueue::Stop::payload) {
      chunk_text.resize(std::min<std::size_t>(7, gathered.payload->size() - gathered.at));
      const MutableBytes into{reinterpret_cast<std::byte*>(chunk_text.data()), chunk_text.size()};
      EXPECT_TRUE(gathered.payload->read_blocking(gathered.at, into).ok());
      chunk = {gathered.payload.get(), gathered.at, into};
      continue;
    }
    if (views.empty()) return wire;
    std::string all;
    for (const ByteView view : views) all += as_text(view);
    wire += all.substr(0, step);
    queue.advance(std::min(step, all.size()));
  }
}

TEST(ResponseQueue, gives_answers_in_the_order_of_the_requests) {
  ResponseQueue queue;
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(queue.open(), i);
  queue.fill(2, answer_of(response_of("two")));
  EXPECT_EQ(drain(queue, 100), "");
  queue.fill(0, answer_of(response_of("zero")));
  EXPECT_EQ(drain(queue, 100), frame_of("zero"));
  EXPECT_EQ(queue.size(), 3U);
  queue.fill(1, answer_of(Answer::Kind::nothing));
  EXPECT_EQ(drain(queue, 100), frame_of("two"));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.unanswered(), 1U);
  queue.fill(3, answer_of(response_of("three")));
  EXPECT_EQ(drain(queue, 100), frame_of("three"));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.ready_bytes(), 0U);
}

TEST(ResponseQueue, writes_the_same_bytes_whatever_each_write_takes) {
  const auto fill = [](ResponseQueue& queue) {
    std::string expected;
    for (int i = 0; i < 3; ++i) {
      for (const bool mapped : {true, false}) {
        const std::vector<std::string> payloads{"first payload", "", "and a second one"};
        Response response = spliced_response("head", payloads, "tail", mapped);
        expected += wire_text(response);
        queue.fill(queue.open(), answer_of(std::move(response)));
      }
      Response at_ends = spliced_response("", {"only payload"}, "", true);
      expected += wire_text(at_ends);
      queue.fill(queue.open(), answer_of(std::move(at_ends)));
      queue.fill(queue.open(), answer_of(Answer::Kind::nothing));
    }
    return expected;
  };
  for (std::size_t step = 1; step < 300; ++step) {
    ResponseQueue queue;
    const std::string expected = fill(queue);
    EXPECT_EQ(queue.ready_bytes(), expected.size());
    EXPECT_EQ(drain(queue, step), expected) << step;
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.ready_bytes(), 0U);
  }
}

TEST(ResponseQueue, gathers_many_small_answers_into_one_write) {
  ResponseQueue queue;
  for (int i = 0; i < 10; ++i) {
    queue.fill(queue.open(), answer_of(spliced_response("h", {"payload"}, "t", true)));
  }
  std::vector<ByteView> views;
  EXPECT_EQ(queue.gather(views, {}).stop, ResponseQueue::Stop::end);
  EXPECT_EQ(views.size(), 30U);
}

TEST(ResponseQueue, ends_at_a_close_after_what_came_before) {
  ResponseQueue queue;
  queue.open();
  queue.open();
  Answer close = answer_of(Answer::Kind::close);
  close.reason = "why";
  queue.fill(1, std::move(close));
  std::vector<ByteView> views;
  EXPECT_EQ(queue.gather(views, {}).stop, ResponseQueue::Stop::end);
  queue.fill(0, answer_of(response_of("last words")));
  EXPECT_EQ(drain(queue, 100), frame_of("last words"));
  EXPECT_EQ(queue.gather(views, {}).stop, ResponseQueue::Stop::close);
  EXPECT_EQ(queue.close_reason(), "why");
}

TEST(ResponseQueueDeathTest, a_wrong_size_in_a_response_is_a_bug) {
  ResponseQueue queue;
  queue.open();
  Response response = response_of("body");
  response.bytes.push_back(std::byte{1});
  EXPECT_DEATH(queue.fill(0, answer_of(std::move(response))), "wire_size");
}

}  // namespace
}  // namespace horolog::net
