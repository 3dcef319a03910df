#include <algorithm>
#include <vector>

#include "horologd/setting_spec.hpp"

namespace horolog {
namespace {

/// Names that Apache Kafka 4.3.1 has and Horolog does not act on, by the reason why. They are read
/// with a warning, so that a Kafka configuration works here; any other unknown name is an error.
struct Group {
  std::string_view reason;
  std::string_view names;  ///< by blank
};

constexpr Group groups[] = {
    {"there is one node: no replication, no quorum, no election",
     "alter.log.dirs.replication.quota.window.num "
     "alter.log.dirs.replication.quota.window.size.seconds auto.leader.rebalance.enable "
     "broker.heartbeat.interval.ms broker.rack broker.session.timeout.ms "
     "controlled.shutdown.enable controller.performance.always.log.threshold.ms "
     "controller.performance.sample.period.ms controller.quorum.append.linger.ms "
     "controller.quorum.auto.join.enable controller.quorum.bootstrap.servers "
     "controller.quorum.election.backoff.max.ms controller.quorum.election.timeout.ms "
     "controller.quorum.fetch.max.bytes controller.quorum.fetch.snapshot.max.bytes "
     "controller.quorum.fetch.timeout.ms controller.quorum.request.timeout.ms "
     "controller.quorum.retry.backoff.ms controller.quorum.voters controller.quota.window.num "
     "controller.quota.window.size.seconds controller.socket.timeout.ms cordoned.log.dirs "
     "default.replication.factor early.start.listeners "
     "follower.fetch.last.tiered.offset.enable initial.broker.registration.timeout.ms "
     "inter.broker.listener.name internal.metadata.delete.delay.millis "
     "internal.metadata.log.segment.bytes internal.metadata.max.batch.size.in.bytes "
     "leader.imbalance.check.interval.seconds log.dir.failure.timeout.ms metadata.log.dir "
     "metadata.log.max.record.bytes.between.snapshots metadata.log.max.snapshot.interval.ms "
     "metadata.log.segment.bytes metadata.log.segment.ms metadata.max.idle.interval.ms "
     "metadata.max.retention.bytes metadata.max.retention.ms min.insync.replicas "
     "num.replica.alter.log.dirs.threads num.replica.fetchers offsets.topic.replication.factor "
     "replica.fetch.backoff.ms replica.fetch.max.bytes replica.fetch.min.bytes "
     "replica.fetch.response.max.bytes replica.fetch.wait.max.ms "
     "replica.high.watermark.checkpoint.interval.ms replica.lag.time.max.ms "
     "replica.selector.class replica.socket.receive.buffer.bytes replica.socket.timeout.ms "
     "replication.quota.window.num replication.quota.window.size.seconds request.timeout.ms "
     "server.max.startup.time.ms share.coordinator.state.topic.min.isr "
     "share.coordinator.state.topic.replication.factor transaction.state.log.min.isr "
     "transaction.state.log.replication.factor unclean.leader.election.enable "
     "unclean.leader.election.interval.ms"},
    {"there is no tiered storage",
     "log.local.retention.bytes log.local.retention.ms remote.fetch.max.wait.ms "
     "remote.list.offsets.request.timeout.ms remote.log.index.file.cache.total.size.bytes "
     "remote.log.index.file.cache.ttl.ms remote.log.manager.copier.thread.pool.size "
     "remote.log.manager.copy.max.bytes.per.second remote.log.manager.copy.quota.window.num "
     "remote.log.manager.copy.quota.window.size.seconds "
     "remote.log.manager.expiration.thread.pool.size "
     "remote.log.manager.fetch.max.bytes.per.second remote.log.manager.fetch.quota.window.num "
     "remote.log.manager.fetch.quota.window.size.seconds "
     "remote.log.manager.follower.thread.pool.size remote.log.manager.task.interval.ms "
     "remote.log.manager.task.retry.backoff.max.ms remote.log.manager.task.retry.backoff.ms "
     "remote.log.manager.task.retry.jitter remote.log.manager.thread.pool.size "
     "remote.log.metadata.custom.metadata.max.bytes remote.log.metadata.manager.class.name "
     "remote.log.metadata.manager.class.path remote.log.metadata.manager.impl.prefix "
     "remote.log.metadata.manager.listener.name remote.log.reader.max.pending.tasks "
     "remote.log.reader.threads remote.log.storage.manager.class.name "
     "remote.log.storage.manager.class.path remote.log.storage.manager.impl.prefix "
     "remote.log.storage.system.enable"},
    {"TLS and authentication do not exist yet; listeners are PLAINTEXT",
     "connection.failed.authentication.delay.ms connections.max.reauth.ms "
     "delegation.token.expiry.check.interval.ms delegation.token.expiry.time.ms "
     "delegation.token.max.lifetime.ms delegation.token.secret.key principal.builder.class "
     "sasl.client.callback.handler.class sasl.enabled.mechanisms sasl.jaas.config "
     "sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin "
     "sasl.kerberos.principal.to.local.rules sasl.kerberos.service.name "
     "sasl.kerberos.ticket.renew.jitter sasl.kerberos.ticket.renew.window.factor "
     "sasl.login.callback.handler.class sasl.login.class sasl.login.connect.timeout.ms "
     "sasl.login.read.timeout.ms sasl.login.refresh.buffer.seconds "
     "sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor "
     "sasl.login.refresh.window.jitter sasl.login.retry.backoff.max.ms "
     "sasl.login.retry.backoff.ms sasl.mechanism.controller.protocol "
     "sasl.mechanism.inter.broker.protocol sasl.oauthbearer.assertion.algorithm "
     "sasl.oauthbearer.assertion.claim.aud sasl.oauthbearer.assertion.claim.exp.seconds "
     "sasl.oauthbearer.assertion.claim.iss sasl.oauthbearer.assertion.claim.jti.include "
     "sasl.oauthbearer.assertion.claim.nbf.seconds sasl.oauthbearer.assertion.claim.sub "
     "sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.private.key.file "
     "sasl.oauthbearer.assertion.private.key.passphrase "
     "sasl.oauthbearer.assertion.template.file sasl.oauthbearer.client.credentials.client.id "
     "sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.clock.skew.seconds "
     "sasl.oauthbearer.expected.audience sasl.oauthbearer.expected.issuer "
     "sasl.oauthbearer.jwks.endpoint.refresh.ms "
     "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms "
     "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.jwks.endpoint.url "
     "sasl.oauthbearer.jwt.retriever.class sasl.oauthbearer.jwt.validator.class "
     "sasl.oauthbearer.scope sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name "
     "sasl.oauthbearer.token.endpoint.url sasl.server.callback.handler.class "
     "sasl.server.max.receive.size security.inter.broker.protocol security.providers "
     "ssl.allow.dn.changes ssl.allow.san.changes ssl.cipher.suites ssl.client.auth "
     "ssl.enabled.protocols ssl.endpoint.identification.algorithm ssl.engine.factory.class "
     "ssl.key.password ssl.keymanager.algorithm ssl.keystore.certificate.chain "
     "ssl.keystore.key ssl.keystore.location ssl.keystore.password ssl.keystore.type "
     "ssl.principal.mapping.rules ssl.protocol ssl.provider ssl.secure.random.implementation "
     "ssl.trustmanager.algorithm ssl.truststore.certificates ssl.truststore.location "
     "ssl.truststore.password ssl.truststore.type"},
    {"Java classes cannot be loaded; metrics are served on admin.listener",
     "client.quota.callback.class config.providers group.share.persister.class.name "
     "kafka.metrics.polling.interval.secs kafka.metrics.reporters metric.reporters "
     "metrics.num.samples metrics.recording.level metrics.sample.window.ms"},
    {"the protocol it belongs to is not served yet (KIP-848, share and streams groups, telemetry)",
     "group.consumer.assignment.interval.ms group.consumer.assignors "
     "group.consumer.heartbeat.interval.ms group.consumer.max.assignment.interval.ms "
     "group.consumer.max.heartbeat.interval.ms group.consumer.max.session.timeout.ms "
     "group.consumer.max.size group.consumer.migration.policy "
     "group.consumer.min.assignment.interval.ms group.consumer.min.heartbeat.interval.ms "
     "group.consumer.min.session.timeout.ms group.consumer.regex.refresh.interval.ms "
     "group.consumer.session.timeout.ms group.coordinator.rebalance.protocols "
     "group.share.assignment.interval.ms group.share.assignors "
     "group.share.delivery.count.limit group.share.heartbeat.interval.ms "
     "group.share.initialize.retry.interval.ms group.share.max.assignment.interval.ms "
     "group.share.max.delivery.count.limit group.share.max.heartbeat.interval.ms "
     "group.share.max.partition.max.record.locks group.share.max.record.lock.duration.ms "
     "group.share.max.session.timeout.ms group.share.max.share.sessions group.share.max.size "
     "group.share.min.assignment.interval.ms group.share.min.delivery.count.limit "
     "group.share.min.heartbeat.interval.ms group.share.min.partition.max.record.locks "
     "group.share.min.record.lock.duration.ms group.share.min.session.timeout.ms "
     "group.share.partition.max.record.locks group.share.record.lock.duration.ms "
     "group.share.session.timeout.ms group.streams.assignment.interval.ms "
     "group.streams.heartbeat.interval.ms group.streams.initial.rebalance.delay.ms "
     "group.streams.max.assignment.interval.ms group.streams.max.heartbeat.interval.ms "
     "group.streams.max.session.timeout.ms group.streams.max.size "
     "group.streams.max.standby.replicas group.streams.min.assignment.interval.ms "
     "group.streams.min.heartbeat.interval.ms group.streams.min.session.timeout.ms "
     "group.streams.num.standby.replicas group.streams.session.timeout.ms "
     "share.coordinator.append.linger.ms "
     "share.coordinator.cached.buffer.max.bytes "
     "share.coordinator.cold.partition.snapshot.interval.ms share.coordinator.load.buffer.size "
     "share.coordinator.snapshot.update.records.per.snapshot "
     "share.coordinator.state.topic.compression.codec "
     "share.coordinator.state.topic.num.partitions "
     "share.coordinator.state.topic.prune.interval.ms "
     "share.coordinator.state.topic.segment.bytes share.coordinator.threads "
     "share.coordinator.write.timeout.ms share.fetch.purgatory.purge.interval.requests "
     "telemetry.max.bytes unstable.api.versions.enable unstable.feature.versions.enable"},
    {"transactions time out when their time is over, and batches are always verified",
     "add.partitions.to.txn.retry.backoff.max.ms add.partitions.to.txn.retry.backoff.ms "
     "transaction.abort.timed.out.transaction.cleanup.interval.ms "
     "transaction.partition.verification.enable transaction.state.log.load.buffer.size"},
    {"two-phase commit is not served, as it is not by a stock Apache Kafka",
     "transaction.two.phase.commit.enable"},
    {"compaction reads and writes by the megabyte", "log.cleaner.io.buffer.size"},
    {"quotas do not exist yet",
     "max.connection.creation.rate max.connections.per.ip.overrides quota.window.num "
     "quota.window.size.seconds"},
    {"Horolog does this in its own way and has nothing to set",
     "background.threads delete.records.purgatory.purge.interval.requests "
     "fetch.purgatory.purge.interval.requests group.coordinator.append.linger.ms "
     "group.coordinator.background.threads group.coordinator.cached.buffer.max.bytes "
     "group.coordinator.threads log.flush.offset.checkpoint.interval.ms "
     "log.flush.scheduler.interval.ms log.flush.start.offset.checkpoint.interval.ms "
     "log.initial.task.delay.ms max.request.partition.size.limit "
     "num.recovery.threads.per.data.dir offsets.commit.timeout.ms "
     "offsets.retention.check.interval.ms offsets.load.buffer.size "
     "offsets.topic.compression.codec offsets.topic.segment.bytes "
     "producer.id.expiration.check.interval.ms producer.purgatory.purge.interval.requests "
     "queued.max.requests socket.connection.setup.timeout.max.ms "
     "socket.connection.setup.timeout.ms socket.listen.backlog.size "
     "socket.receive.buffer.bytes socket.send.buffer.bytes"},
    {"it was removed from Kafka and has no successor",
     "inter.broker.protocol.version log.message.downconversion.enable "
     "log.message.format.version log.message.timestamp.difference.max.ms zookeeper.connect "
     "zookeeper.connection.timeout.ms zookeeper.session.timeout.ms"},
};

/// Leaving these out would open what somebody meant to close.
constexpr std::string_view refused[] = {"authorizer.class.name", "create.topic.policy.class.name",
                                        "alter.config.policy.class.name"};
constexpr std::string_view refused_reason =
    "it restricts who may do what, and Java classes cannot be loaded: remove it, and keep the "
    "listeners on addresses that only trusted clients reach";

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    result.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

std::optional<IgnoredSetting> find_ignored(std::string_view name) {
  if (std::ranges::count(refused, name) != 0) return IgnoredSetting{refused_reason, true};
  for (const Group& group : groups) {
    const auto names = words(group.names);
    if (std::ranges::count(names, name) != 0) return IgnoredSetting{group.reason};
  }
  // Kafka lets listeners have settings of their own: listener.name.internal.ssl.keystore.location.
  constexpr std::string_view per_listener = "listener.name.";
  if (name.starts_with(per_listener)) {
    const std::size_t dot = name.find('.', per_listener.size());
    if (dot != std::string_view::npos) {
      return IgnoredSetting{"listeners have no settings of their own; they are PLAINTEXT"};
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> ignored_names() {
  std::vector<std::string_view> names(std::begin(refused), std::end(refused));
  for (const Group& group : groups) {
    for (const std::string_view word : words(group.names)) names.push_back(word);
  }
  return names;
}

}  // namespace horolog
