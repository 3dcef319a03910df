// Writes one record and reads the topic as a member of a group: first_steps [HOST:PORT]
#include <horolog/consumer.hpp>
#include <horolog/producer.hpp>

#include <iostream>

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  const horolog::ClientOptions at{.bootstrap = argc > 1 ? argv[1] : "localhost:9092"};
  auto producer = horolog::Producer::open({.client = at});
  auto consumer = horolog::Consumer::open({.client = at, .group = "cpp", .topics = {"greetings"},
                                           .offset_reset = horolog::OffsetReset::earliest});
  if (!producer || !consumer) return 1;
  if (!producer->send({.topic = "greetings", .value = "hello from C++"})) return 1;
  if (!producer->flush(10s)) return 1;
  for (bool read = false; !read;) {
    const auto batch = consumer->poll(10s);
    if (!batch) return std::cerr << batch.error().message() << '\n', 1;
    for (const horolog::RecordView& record : *batch) std::cout << record.value.text() << '\n';
    read = !batch->empty();
  }
  return consumer->close(10s) ? 0 : 1;
}
