// Driver over KafkaJS (verbs and output: harness/driver.py). KafkaJS itself knows gzip; snappy
// comes from its plug-in package, lz4 and zstd from libraries of that codec.
'use strict'

const fs = require('fs')
const {
  Kafka, CompressionTypes, CompressionCodecs, logLevel, PartitionAssigners, AssignerProtocol
} = require('kafkajs')
const lz4 = require('lz4-napi')
const zstd = require('@bokuweb/zstd-wasm')

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => lz4.compressFrameSync(encoder.buffer),
  decompress: async buffer => lz4.decompressFrameSync(buffer)
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from(zstd.compress(encoder.buffer, 3)),
  decompress: async buffer => Buffer.from(zstd.decompress(buffer))
})
const types = {
  none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD
}

// KafkaJS's own assigner is called RoundRobinAssigner and no other client has it; this one speaks
// Kafka's `range`, so that a KafkaJS member may sit in a group with members in other languages.
const rangeAssigner = ({ cluster }) => ({
  name: 'range',
  version: 0,
  protocol: ({ topics }) => ({
    name: 'range',
    metadata: AssignerProtocol.MemberMetadata.encode({
      version: 0, topics, userData: Buffer.alloc(0)
    })
  }),
  assign: async ({ members, topics }) => {
    const ids = members.map(m => m.memberId).sort()
    const given = Object.fromEntries(ids.map(id => [id, {}]))
    for (const topic of topics) {
      const all = cluster.findTopicPartitionMetadata(topic).map(m => m.partitionId)
      all.sort((a, b) => a - b)
      const each = Math.floor(all.length / ids.length)
      const extra = all.length % ids.length
      ids.forEach((id, n) => {
        given[id][topic] = all.splice(0, each + (n < extra ? 1 : 0))
      })
    }
    return ids.map(memberId => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 0, assignment: given[memberId], userData: Buffer.alloc(0)
      })
    }))
  }
})

const emit = value => fs.writeSync(1, JSON.stringify(value) + '\n')
const raw = text => (text === null ? null : Buffer.from(text, 'base64'))
const text = bytes => (bytes === null || bytes === undefined ? null : bytes.toString('base64'))
const kafka = (o, more = {}) => new Kafka({
  brokers: [o.bootstrap], clientId: 'horolog-test', logLevel: logLevel.ERROR, ...more
})

function message (r) {
  const headers = {}
  for (const [key, value] of r.h) {
    headers[key] = key in headers ? [].concat(headers[key], [raw(value)]) : raw(value)
  }
  return { partition: r.p, timestamp: String(r.t), key: raw(r.k), value: raw(r.v), headers }
}

function pairs (headers) {
  const flat = []
  for (const [key, value] of Object.entries(headers || {})) {
    for (const one of [].concat(value)) flat.push([key, text(one)])
  }
  return flat
}

async function produce (o, topic, codec, records) {
  const producer = kafka(o).producer({ idempotent: true })
  await producer.connect()
  for (let n = 0; n < records.length; n += 40) {
    await producer.send({
      topic, compression: types[codec], messages: records.slice(n, n + 40).map(message)
    })
  }
  await producer.disconnect()
}

async function readAll (o, topic, codec, count) {
  // KafkaJS reads in groups only: one of its own for every topic.
  const consumer = kafka(o).consumer({ groupId: `read-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise((resolve, reject) => {
    let left = count
    consumer.on(consumer.events.CRASH, e => reject(e.payload.error))
    consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message: m }) => {
        emit({
          codec, p: partition, o: Number(m.offset), t: Number(m.timestamp), k: text(m.key),
          v: text(m.value), h: pairs(m.headers)
        })
        if (--left === 0) resolve()
      }
    }).catch(reject)
  })
  await consumer.disconnect()
}

async function roundtrip (o) {
  const lines = fs.readFileSync(o.records, 'utf8').trim().split('\n')
  const records = lines.map(line => JSON.parse(line))
  for (const codec of o.codecs.split(',')) {
    const topic = `${o.prefix}-${codec}`
    const admin = kafka(o).admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }] })
    await admin.disconnect()
    emit({ created: topic })
    await produce(o, topic, codec, records)
    await readAll(o, topic, codec, records.length)
    emit({ read: codec })
  }
}

async function member (o) {
  const consumer = kafka(o).consumer({
    groupId: o.group, sessionTimeout: 6000, heartbeatInterval: 1000, maxWaitTimeInMs: 200,
    partitionAssigners: [o.assignor === 'range' ? rangeAssigner : PartitionAssigners.roundRobin]
  })
  await consumer.connect()
  await consumer.subscribe({ topic: o.topic, fromBeginning: true })
  consumer.on(consumer.events.GROUP_JOIN, e =>
    emit({ assigned: e.payload.memberAssignment[o.topic] || [] }))
  process.on('SIGTERM', () => consumer.disconnect().then(() => process.exit(0)))
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
      for (const m of batch.messages) {
        emit({ p: batch.partition, o: Number(m.offset), v: m.value.toString() })
        resolveOffset(m.offset)
      }
      const end = Number(batch.lastOffset()) + 1
      await consumer.commitOffsets([
        { topic: o.topic, partition: batch.partition, offset: String(end) }])
      emit({ committed: { [batch.partition]: end } })
      await heartbeat()
    }
  })
  await new Promise(() => {})
}

async function committed (o) {
  const admin = kafka(o).admin()
  await admin.connect()
  const [found] = await admin.fetchOffsets({ groupId: o.group, topics: [o.topic] })
  const offsets = {}
  for (const p of found.partitions) {
    if (Number(p.offset) >= 0) offsets[p.partition] = Number(p.offset)
  }
  emit({ committed: offsets })
  await admin.disconnect()
}

// KafkaJS keeps the order of an idempotent producer only with one request in flight.
async function stream (o) {
  const patient = { retry: { retries: 1000, initialRetryTime: 100, maxRetryTime: 500 } }
  const producer = kafka(o, patient).producer({
    idempotent: true, maxInFlightRequests: 1, ...patient
  })
  await producer.connect()
  let closed = false
  process.stdin.on('end', () => { closed = true }).resume()
  let sent = 0
  while (!closed) {
    const messages = []
    for (let n = 0; n < 40; ++n) messages.push({ partition: 0, value: String(sent + n) })
    await producer.send({ topic: o.topic, acks: -1, messages })
    sent += messages.length
    if (sent % 80 === 0) emit({ acked: sent })
  }
  await producer.disconnect()
  emit({ done: sent })
}

async function main () {
  await zstd.init()
  const options = {}
  for (const word of process.argv.slice(3)) {
    options[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
  }
  await { roundtrip, member, committed, stream }[process.argv[2]](options)
  process.exit(0)
}

main().catch(e => {
  console.error(e)
  process.exit(1)
})
