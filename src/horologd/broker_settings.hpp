#pragma once

#include "broker/config.hpp"
#include "horologd/settings.hpp"
#include "storage/log_config.hpp"

namespace horolog {

/// The parts of the settings that the layers below understand, in their own terms.
storage::LogConfig make_log_defaults(const Settings& settings);
broker::BrokerConfig make_broker_config(const Settings& settings);

}  // namespace horolog
