// Driver over franz-go (verbs and output: harness/driver.py). Built once with the newest version
// that Debian 12's Go can build and once with the newest of all.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

type options map[string]string

type record struct {
	P int32        `json:"p"`
	T int64        `json:"t"`
	K *string      `json:"k"`
	V *string      `json:"v"`
	H [][2]*string `json:"h"`
}

func fail(format string, words ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", words...)
	os.Exit(1)
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func emit(value map[string]any) {
	line, err := json.Marshal(value)
	must(err)
	os.Stdout.Write(append(line, '\n'))
}

func raw(text *string) []byte {
	if text == nil {
		return nil
	}
	out, err := base64.StdEncoding.DecodeString(*text)
	must(err)
	if out == nil {
		out = []byte{}
	}
	return out
}

func text(raw []byte) any {
	if raw == nil {
		return nil
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func client(o options, more ...kgo.Opt) *kgo.Client {
	made, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(o["bootstrap"])}, more...)...)
	must(err)
	return made
}

func createTopic(o options, topic string) {
	c := client(o)
	defer c.Close()
	request := kmsg.NewCreateTopicsRequest()
	request.TimeoutMillis = 30000
	wanted := kmsg.NewCreateTopicsRequestTopic()
	wanted.Topic, wanted.NumPartitions, wanted.ReplicationFactor = topic, 3, 1
	request.Topics = append(request.Topics, wanted)
	response, err := request.RequestWith(context.Background(), c)
	must(err)
	if code := response.Topics[0].ErrorCode; code != 0 {
		fail("CreateTopics: error %d", code)
	}
	emit(map[string]any{"created": topic})
}

func codecOf(name string) kgo.CompressionCodec {
	return map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(),
		"zstd": kgo.ZstdCompression()}[name]
}

func readRecords(path string) []record {
	data, err := os.ReadFile(path)
	must(err)
	var out []record
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var r record
		must(json.Unmarshal([]byte(line), &r))
		out = append(out, r)
	}
	return out
}

func produceAll(o options, topic, codec string, records []record) {
	c := client(o, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(topic),
		kgo.ProducerBatchCompression(codecOf(codec)), kgo.ProducerLinger(20*time.Millisecond))
	defer c.Close()
	var out []*kgo.Record
	for _, r := range records {
		made := &kgo.Record{Partition: r.P, Timestamp: time.UnixMilli(r.T), Key: raw(r.K),
			Value: raw(r.V)}
		for _, h := range r.H {
			made.Headers = append(made.Headers, kgo.RecordHeader{Key: *h[0], Value: raw(h[1])})
		}
		out = append(out, made)
	}
	must(c.ProduceSync(context.Background(), out...).FirstErr())
}

func readAll(o options, topic, codec string, left int) {
	from := map[int32]kgo.Offset{}
	for p := int32(0); p < 3; p++ {
		from[p] = kgo.NewOffset().AtStart()
	}
	c := client(o, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	defer c.Close()
	for left > 0 {
		fetches := c.PollFetches(context.Background())
		for _, e := range fetches.Errors() {
			fail("fetch: %v", e.Err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			headers := [][2]any{}
			for _, h := range r.Headers {
				headers = append(headers, [2]any{h.Key, text(h.Value)})
			}
			emit(map[string]any{"codec": codec, "p": r.Partition, "o": r.Offset,
				"t": r.Timestamp.UnixMilli(), "k": text(r.Key), "v": text(r.Value), "h": headers})
			left--
		})
	}
}

func roundtrip(o options) {
	records := readRecords(o["records"])
	for _, codec := range strings.Split(o["codecs"], ",") {
		topic := o["prefix"] + "-" + codec
		createTopic(o, topic)
		produceAll(o, topic, codec, records)
		readAll(o, topic, codec, len(records))
		emit(map[string]any{"read": codec})
	}
}

func member(o options) {
	topic := o["topic"]
	owned := map[int32]bool{}
	tell := func() {
		list := []int32{}
		for p := range owned {
			list = append(list, p)
		}
		emit(map[string]any{"assigned": list})
	}
	c := client(o, kgo.ConsumerGroup(o["group"]), kgo.ConsumeTopics(topic),
		kgo.Balancers(kgo.RangeBalancer()), kgo.DisableAutoCommit(),
		kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(time.Second),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			for _, p := range got[topic] {
				owned[p] = true
			}
			tell()
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			for _, p := range lost[topic] {
				delete(owned, p)
			}
		}))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	for ctx.Err() == nil {
		fetches := c.PollRecords(ctx, 1000)
		ends := map[string]int64{}
		fetches.EachRecord(func(r *kgo.Record) {
			emit(map[string]any{"p": r.Partition, "o": r.Offset, "v": string(r.Value)})
			ends[strconv.Itoa(int(r.Partition))] = r.Offset + 1
		})
		// A refused commit means the group moved on: the new owner reads the records again.
		if len(ends) > 0 && c.CommitRecords(context.Background(), fetches.Records()...) == nil {
			emit(map[string]any{"committed": ends})
		}
		c.AllowRebalance()
	}
	c.CloseAllowingRebalance()
}

func committed(o options) {
	c := client(o)
	defer c.Close()
	request := kmsg.NewOffsetFetchRequest()
	request.Group = o["group"]
	topic := kmsg.NewOffsetFetchRequestTopic()
	topic.Topic = o["topic"]
	topic.Partitions = []int32{0, 1, 2, 3, 4, 5}
	request.Topics = append(request.Topics, topic)
	group := kmsg.NewOffsetFetchRequestGroup()
	group.Group = o["group"]
	inGroup := kmsg.NewOffsetFetchRequestGroupTopic()
	inGroup.Topic, inGroup.Partitions = topic.Topic, topic.Partitions
	group.Topics = append(group.Topics, inGroup)
	request.Groups = append(request.Groups, group)
	response, err := request.RequestWith(context.Background(), c)
	must(err)
	found := map[string]int64{}
	add := func(p int32, offset int64, code int16) {
		if code != 0 {
			fail("OffsetFetch: error %d", code)
		}
		if offset >= 0 {
			found[strconv.Itoa(int(p))] = offset
		}
	}
	for _, t := range response.Topics {
		for _, p := range t.Partitions {
			add(p.Partition, p.Offset, p.ErrorCode)
		}
	}
	for _, g := range response.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				add(p.Partition, p.Offset, p.ErrorCode)
			}
		}
	}
	emit(map[string]any{"committed": found})
}

func stream(o options) {
	window, err := strconv.Atoi(o["window"])
	must(err)
	batch := 40
	if o["batch"] != "" {
		batch, err = strconv.Atoi(o["batch"])
		must(err)
	}
	c := client(o, kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DefaultProduceTopic(o["topic"]), kgo.ProducerBatchMaxBytes(int32(50*batch)),
		kgo.MaxBufferedRecords(window*2*batch), // an idempotent client uses five in flight by itself
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.RetryTimeout(5*time.Minute),
		kgo.RequestRetries(1000000), kgo.RecordRetries(1000000))
	var closed atomic.Value
	go func() {
		io.Copy(io.Discard, os.Stdin)
		closed.Store(true)
	}()
	var acked int64
	for sent := 0; closed.Load() == nil; sent++ {
		if sent%20 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
		r := &kgo.Record{Value: []byte(strconv.Itoa(sent))}
		c.Produce(context.Background(), r, func(_ *kgo.Record, err error) {
			if err != nil && !errors.Is(err, context.Canceled) {
				fail("not delivered: %v", err)
			}
			if n := atomic.AddInt64(&acked, 1); n%100 == 0 {
				emit(map[string]any{"acked": n})
			}
		})
	}
	must(c.Flush(context.Background()))
	c.Close()
	emit(map[string]any{"done": atomic.LoadInt64(&acked)})
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: driver VERB key=value …")
	}
	o := options{}
	for _, word := range os.Args[2:] {
		key, value, _ := strings.Cut(word, "=")
		o[key] = value
	}
	verbs := map[string]func(options){"roundtrip": roundtrip, "member": member,
		"committed": committed, "stream": stream, "transact": transact, "isolated": isolated,
		"copy": copyTopic, "fence": fence, "churn": churn, "relay": relay,
		"send": send}
	verb, ok := verbs[os.Args[1]]
	if !ok {
		fail("no verb %s", os.Args[1])
	}
	verb(o)
}
