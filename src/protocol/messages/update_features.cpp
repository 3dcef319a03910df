#include "protocol/messages/update_features.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void UpdateFeaturesRequest::Update::describe(Visitor& v) {
  v("feature", feature);
  v("max_version_level", max_version_level);
  v("allow_downgrade", allow_downgrade, until(0));
  v("upgrade_type", upgrade_type, since(1));
  v.end();
}

void UpdateFeaturesRequest::describe(Visitor& v) {
  v("timeout_ms", timeout_ms);
  v("feature_updates", feature_updates);
  v("validate_only", validate_only, since(1));
  v.end();
}

void UpdateFeaturesResponse::Result::describe(Visitor& v) {
  v("feature", feature);
  v("error_code", error_code);
  v("error_message", error_message);
  v.end();
}

void UpdateFeaturesResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("error_message", error_message);
  v("results", results, until(1).ignorable());
  v.end();
}

}  // namespace horolog::wire
