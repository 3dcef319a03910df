#pragma once

#include <boost/asio.hpp>

namespace horolog {
namespace asio = boost::asio;
}
