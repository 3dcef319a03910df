// The transactional verbs of the driver over franz-go (harness/driver.py).
package main

import (
	"context"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const transactPartitions = 3

func transactional(o options, more ...kgo.Opt) []kgo.Opt {
	timeout := time.Minute
	return append([]kgo.Opt{kgo.SeedBrokers(o["bootstrap"]), kgo.TransactionalID(o["id"]),
		kgo.TransactionTimeout(timeout), kgo.RecordPartitioner(kgo.ManualPartitioner())}, more...)
}

func newTransactional(o options) *kgo.Client {
	c, err := kgo.NewClient(transactional(o)...)
	must(err)
	return c
}

func sendAll(c *kgo.Client, records ...*kgo.Record) {
	must(c.ProduceSync(context.Background(), records...).FirstErr())
}

func transact(o options) {
	count, err := strconv.Atoi(o["count"])
	must(err)
	c := newTransactional(o)
	defer c.Close()
	ctx := context.Background()
	for n := 0; n < count; n++ {
		must(c.BeginTransaction())
		var records []*kgo.Record
		for p := int32(0); p < transactPartitions; p++ {
			records = append(records, &kgo.Record{Topic: o["topic"], Partition: p,
				Value: []byte(strconv.Itoa(n))})
		}
		sendAll(c, records...)
		must(c.EndTransaction(ctx, kgo.TransactionEndTry(n%3 != 0)))
	}
	emit(map[string]any{"ended": count})
}

// Where the partitions end for the isolation level.
func endsOf(c *kgo.Client, topic string, level int8) map[int32]int64 {
	request := kmsg.NewListOffsetsRequest()
	request.ReplicaID, request.IsolationLevel = -1, level
	asked := kmsg.NewListOffsetsRequestTopic()
	asked.Topic = topic
	for p := int32(0); p < transactPartitions; p++ {
		one := kmsg.NewListOffsetsRequestTopicPartition()
		one.Partition, one.Timestamp = p, -1
		asked.Partitions = append(asked.Partitions, one)
	}
	request.Topics = append(request.Topics, asked)
	response, err := request.RequestWith(context.Background(), c)
	must(err)
	ends := map[int32]int64{}
	for _, p := range response.Topics[0].Partitions {
		if p.ErrorCode != 0 {
			fail("ListOffsets: error %d", p.ErrorCode)
		}
		ends[p.Partition] = p.Offset
	}
	return ends
}

func isolated(o options) {
	level, number := kgo.ReadUncommitted(), int8(0)
	if o["level"] == "read_committed" {
		level, number = kgo.ReadCommitted(), 1
	}
	topic := o["topic"]
	places := map[int32]kgo.Offset{}
	for p := int32(0); p < transactPartitions; p++ {
		places[p] = kgo.NewOffset().AtStart()
	}
	c := client(o, kgo.FetchIsolationLevel(level), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: places}))
	defer c.Close()
	values := []string{}
	seen := map[int32]int64{}
	ends := endsOf(c, topic, number)
	behind := func() bool {
		for p, end := range ends {
			if seen[p] < end {
				return true
			}
		}
		return false
	}
	for behind() {
		c.PollFetches(context.Background()).EachRecord(func(r *kgo.Record) {
			seen[r.Partition] = r.Offset + 1
			if !r.Attrs.IsControl() {
				values = append(values, string(r.Value))
			}
		})
	}
	emit(map[string]any{"values": values})
}

func copyTopic(o options) {
	count, err := strconv.Atoi(o["count"])
	must(err)
	session, err := kgo.NewGroupTransactSession(transactional(o, kgo.ConsumerGroup(o["group"]),
		kgo.ConsumeTopics(o["source"]), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequireStableFetchOffsets())...)
	must(err)
	defer session.Close()
	ctx := context.Background()
	copied := 0
	for copied < count {
		fetches := session.PollFetches(ctx)
		if fetches.NumRecords() == 0 {
			continue
		}
		must(session.Begin())
		var records []*kgo.Record
		fetches.EachRecord(func(r *kgo.Record) {
			records = append(records, &kgo.Record{Topic: o["topic"], Partition: r.Partition,
				Value: r.Value})
		})
		err := session.ProduceSync(ctx, records...).FirstErr()
		committed, err := session.End(ctx, kgo.TransactionEndTry(err == nil))
		must(err)
		if committed {
			copied += len(records)
		}
	}
	emit(map[string]any{"copied": copied})
}

func fence(o options) {
	ctx := context.Background()
	old := newTransactional(o)
	must(old.BeginTransaction())
	sendAll(old, &kgo.Record{Topic: o["topic"], Value: []byte("zombie")})
	fresh := newTransactional(o)
	defer fresh.Close()
	must(fresh.BeginTransaction())
	sendAll(fresh, &kgo.Record{Topic: o["topic"], Value: []byte("alive")})
	must(fresh.EndTransaction(ctx, kgo.TryCommit))
	said := map[string]any{"fenced": nil}
	if err := old.EndTransaction(ctx, kgo.TryCommit); err != nil {
		said["fenced"] = err.Error()
	}
	emit(said)
	old.Close()
}
