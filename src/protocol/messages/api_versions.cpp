#include "protocol/messages/api_versions.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ApiVersionsRequest::describe(Visitor& v) {
  v("client_software_name", client_software_name, since(3).ignorable());
  v("client_software_version", client_software_version, since(3).ignorable());
  v.end();
}

void ApiVersionsResponse::Range::describe(Visitor& v) {
  v("api_key", api_key);
  v("min_version", min_version);
  v("max_version", max_version);
  v.end();
}

void ApiVersionsResponse::SupportedFeature::describe(Visitor& v) {
  v("name", name, since(3));
  v("min_version", min_version, since(3));
  v("max_version", max_version, since(3));
  v.end();
}

void ApiVersionsResponse::FinalizedFeature::describe(Visitor& v) {
  v("name", name, since(3));
  v("max_version_level", max_version_level, since(3));
  v("min_version_level", min_version_level, since(3));
  v.end();
}

void ApiVersionsResponse::describe(Visitor& v) {
  v("error_code", error_code);
  v("api_keys", api_keys);
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v.end(tag(0, "supported_features", supported_features, since(3).ignorable()),
        tag(1, "finalized_features_epoch", finalized_features_epoch, since(3).ignorable()),
        tag(2, "finalized_features", finalized_features, since(3).ignorable()),
        tag(3, "zk_migration_ready", zk_migration_ready, since(3).ignorable()));
}

}  // namespace horolog::wire
