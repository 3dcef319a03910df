#include "protocol/records/metadata_brokers.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void RegisterControllerRecord::Endpoint::describe(Visitor& v) {
  v("name", name);
  v("host", host);
  v("port", port);
  v("security_protocol", security_protocol);
  v.end();
}

void RegisterControllerRecord::Feature::describe(Visitor& v) {
  v("name", name);
  v("min_supported_version", min_supported_version);
  v("max_supported_version", max_supported_version);
  v.end();
}

void RegisterControllerRecord::describe(Visitor& v) {
  v("controller_id", controller_id);
  v("incarnation_id", incarnation_id);
  v("zk_migration_ready", zk_migration_ready);
  v("end_points", end_points);
  v("features", features);
  v.end();
}

void RegisterBrokerRecord::Endpoint::describe(Visitor& v) {
  v("name", name);
  v("host", host);
  v("port", port);
  v("security_protocol", security_protocol);
  v.end();
}

void RegisterBrokerRecord::Feature::describe(Visitor& v) {
  v("name", name);
  v("min_supported_version", min_supported_version);
  v("max_supported_version", max_supported_version);
  v.end();
}

void RegisterBrokerRecord::describe(Visitor& v) {
  v("broker_id", broker_id);
  v("is_migrating_zk_broker", is_migrating_zk_broker, since(2));
  v("incarnation_id", incarnation_id);
  v("broker_epoch", broker_epoch);
  v("end_points", end_points);
  v("features", features);
  v("rack", rack);
  v("fenced", fenced);
  v("in_controlled_shutdown", in_controlled_shutdown, since(1));
  v.end(tag(0, "log_dirs", log_dirs, since(3)),
        tag(1, "cordoned_log_dirs", cordoned_log_dirs, since(4)));
}

void BrokerRegistrationChangeRecord::describe(Visitor& v) {
  v("broker_id", broker_id);
  v("broker_epoch", broker_epoch);
  v.end(tag(0, "fenced", fenced),
        tag(1, "in_controlled_shutdown", in_controlled_shutdown, since(1)),
        tag(2, "log_dirs", log_dirs, since(2)),
        tag(3, "cordoned_log_dirs", cordoned_log_dirs, since(3)));
}

}  // namespace horolog::wire
