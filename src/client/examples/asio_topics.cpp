// Lists the topics from a coroutine, on an io_context of our own:
//
//     asio_topics localhost:9092
#include <horolog/admin.hpp>
#include <horolog/asio.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <string>

namespace {

namespace asio = boost::asio;

asio::awaitable<void> list_topics(asio::io_context& context, std::string bootstrap, int& code) {
  auto cluster =
      horolog::connect_on(context, {.bootstrap = std::move(bootstrap), .wait_for_brokers = false});
  if (!cluster) {
    std::cerr << "asio_topics: " << cluster.error().message() << '\n';
    co_return;
  }
  horolog::Admin admin(std::move(*cluster));
  auto list = [&admin](auto then) { admin.list_topics(std::move(then)); };
  auto topics = co_await horolog::async<std::vector<horolog::TopicDescription>>(
      context, list, asio::use_awaitable);
  if (!topics) {
    std::cerr << "asio_topics: " << topics.error().message() << '\n';
    co_return;
  }
  for (const auto& topic : *topics) {
    std::cout << topic.name << ' ' << topic.partitions.size() << '\n';
  }
  code = 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: asio_topics HOST:PORT\n";
    return 2;
  }
  int code = 1;
  asio::io_context context(1);
  asio::co_spawn(context, list_topics(context, argv[1], code), asio::detached);
  context.run();
  return code;
}
