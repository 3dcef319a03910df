// Admin of KafkaJS (facts and arguments: cases/admin_clients.py).
'use strict'

const { Kafka, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ConfigResourceTypes,
  ResourcePatternTypes, logLevel } = require('kafkajs')

const options = Object.fromEntries(process.argv.slice(3).map(word => {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}))
const emit = value => console.log(JSON.stringify(value))

const retention = async (admin, topic) => {
  const found = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }]
  })
  return found.resources[0].configEntries[0].configValue
}

const topics = async (admin, topic) => {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{
      topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }]
    }]
  })
  emit({ listed: (await admin.listTopics()).includes(topic) })
  const seen = await admin.fetchTopicMetadata({ topics: [topic] })
  emit({ partitions: seen.topics[0].partitions.length })
  emit({ retention: await retention(admin, topic) })
  await admin.alterConfigs({
    resources: [{
      type: ConfigResourceTypes.TOPIC,
      name: topic,
      configEntries: [{ name: 'retention.ms', value: '7200000' }]
    }]
  })
  emit({ altered: await retention(admin, topic) })
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
  emit({ grown: (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length })
}

const offsets = async (admin, data) => {
  const found = await admin.fetchTopicOffsets(data)
  found.sort((a, b) => a.partition - b.partition)
  emit({ end_offsets: found.slice(0, 2).map(f => Number(f.high)) })
  await admin.deleteTopicRecords({ topic: data, partitions: [{ partition: 0, offset: '4' }] })
  const low = (await admin.fetchTopicOffsets(data)).find(f => f.partition === 0).low
  emit({ low_watermark: Number(low) })
}

const groups = async (admin, groupId, data) => {
  await admin.setOffsets({ groupId, topic: data, partitions: [{ partition: 1, offset: '7' }] })
  const names = async () => (await admin.listGroups()).groups.map(g => g.groupId)
  emit({ group_listed: (await names()).includes(groupId) })
  emit({ group_state: (await admin.describeGroups([groupId])).groups[0].state })
  const kept = await admin.fetchOffsets({ groupId, topics: [data] })
  emit({ group_offset: Number(kept[0].partitions.find(p => p.partition === 1).offset) })
  await admin.deleteGroups([groupId])
  emit({ group_deleted: !(await names()).includes(groupId) })
}

const cluster = async (admin) => {
  emit({ brokers: (await admin.describeCluster()).brokers.map(b => b.nodeId) })
  emit({ reassignments: (await admin.listPartitionReassignments({})).topics.length })
  try {
    await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY
    })
  } catch (e) {
    emit({ acls: e.type })
  }
}

const main = async () => {
  const kafka = new Kafka({ brokers: [options.bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await topics(admin, options.topic)
  await offsets(admin, options.data)
  await groups(admin, options.group, options.data)
  await cluster(admin)
  await admin.deleteTopics({ topics: [options.topic] })
  emit({ deleted: !(await admin.listTopics()).includes(options.topic) })
  await admin.disconnect()
}

main().catch(e => {
  console.error(e)
  process.exit(1)
})
