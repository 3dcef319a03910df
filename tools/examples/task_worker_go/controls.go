package main

import (
	"context"
	"log"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const controlTopic = "horolog.tasks"

// controls is what horolog.tasks says must not start.
type controls struct {
	client  *kgo.Client
	changed func() // called without the lock
	mu      sync.Mutex
	on      map[string]bool // keys that have a value
}

// openControls has read the topic to its end when it returns, and follows it from there.
func openControls(bootstrap string, changed func()) (*controls, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.KeepControlRecords(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			controlTopic: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		return nil, err
	}
	c := &controls{client: client, changed: changed, on: map[string]bool{}}
	if err := c.makeTopic(); err != nil {
		return nil, err
	}
	end, err := c.end()
	if err != nil {
		return nil, err
	}
	for next := int64(0); next < end; {
		next, _ = c.look(next)
	}
	go func() {
		for open := true; open; {
			_, open = c.look(0)
		}
	}()
	return c, nil
}

func (c *controls) makeTopic() error {
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = controlTopic, 1, -1
	policy := kmsg.NewCreateTopicsRequestTopicConfig()
	policy.Name, policy.Value = "cleanup.policy", kmsg.StringPtr("compact")
	topic.Configs = append(topic.Configs, policy)
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(context.Background(), c.client)
	if err != nil {
		return err
	}
	err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	if err == kerr.TopicAlreadyExists {
		return nil
	}
	return err
}

// end is where the topic ends for read_committed.
func (c *controls) end() (int64, error) {
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Partition, p.Timestamp = 0, -1
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = controlTopic
	topic.Partitions = append(topic.Partitions, p)
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID, request.IsolationLevel = -1, 1
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(context.Background(), c.client)
	if err != nil {
		return 0, err
	}
	found := answer.Topics[0].Partitions[0]
	return found.Offset, kerr.ErrorForCode(found.ErrorCode)
}

// look takes in what has come; gives the offset after it, and whether the client is still open.
func (c *controls) look(next int64) (int64, bool) {
	fetches := c.client.PollFetches(context.Background())
	if fetches.IsClientClosed() {
		return next, false
	}
	fetches.EachError(func(_ string, _ int32, err error) {
		log.Printf("reading %s: %v", controlTopic, err)
	})
	c.mu.Lock()
	fetches.EachRecord(func(record *kgo.Record) {
		next = record.Offset + 1
		if !record.Attrs.IsControl() {
			c.on[string(record.Key)] = record.Value != nil
		}
	})
	c.mu.Unlock()
	c.changed()
	return next, true
}

func (c *controls) has(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.on[key]
}

func (c *controls) paused(topic string) bool     { return c.has("pause:" + topic) }
func (c *controls) cancelled(fireID string) bool { return c.has("cancel:" + fireID) }

// settled takes back the cancel of a task that is over.
func settled(fireID string) *kgo.Record {
	return &kgo.Record{Topic: controlTopic, Partition: 0, Key: []byte("cancel:" + fireID)}
}
