#include "horolog/asio.hpp"

#include "client/cluster.hpp"

namespace horolog {

Result<std::shared_ptr<client::Cluster>> connect_on(boost::asio::io_context& context,
                                                    ClientOptions options) {
  return client::Cluster::open(std::move(options), client::Loop::on(context));
}

}  // namespace horolog
