#include "client/loop.hpp"
#include "client/transport.hpp"

namespace horolog::client {
namespace {

struct Pending final : Transport::Attempt {
  explicit Pending(std::shared_ptr<Transport::Opened> done_) : done(std::move(done_)) {}
  ~Pending() override { *done = nullptr; }
  std::shared_ptr<Transport::Opened> done;
};

class LocalTransport final : public Transport {
 public:
  explicit LocalTransport(MakeStream make) : make_(std::make_shared<MakeStream>(std::move(make))) {}

  std::unique_ptr<Attempt> open(Loop& loop, const net::Endpoint& to, Opened done) override {
    auto shared = std::make_shared<Opened>(std::move(done));
    loop.post([&loop, to, make = make_, shared] {
      if (!*shared) return;  // given up
      const Opened call = std::exchange(*shared, nullptr);
      call((*make)(loop, to));
    });
    return std::make_unique<Pending>(std::move(shared));
  }

 private:
  std::shared_ptr<MakeStream> make_;
};

}  // namespace

std::shared_ptr<Transport> local_transport(MakeStream make) {
  return std::make_shared<LocalTransport>(std::move(make));
}

}  // namespace horolog::client
