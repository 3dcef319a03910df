#include "protocol/messages/describe_cluster.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeClusterRequest::describe(Visitor& v) {
  v("include_cluster_authorized_operations", include_cluster_authorized_operations);
  v("endpoint_type", endpoint_type, since(1));
  v("include_fenced_brokers", include_fenced_brokers, since(2));
  v.end();
}

void DescribeClusterResponse::Broker::describe(Visitor& v) {
  v("broker_id", broker_id);
  v("host", host);
  v("port", port);
  v("rack", rack);
  v("is_fenced", is_fenced, since(2));
  v.end();
}

void DescribeClusterResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("error_message", error_message);
  v("endpoint_type", endpoint_type, since(1));
  v("cluster_id", cluster_id);
  v("controller_id", controller_id);
  v("brokers", brokers);
  v("cluster_authorized_operations", cluster_authorized_operations);
  v.end();
}

}  // namespace horolog::wire
