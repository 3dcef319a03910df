// The verbs of the chaos suite over franz-go (tests/crash/chaos.py).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var inputClosed atomic.Value

func watchInput() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		inputClosed.Store(true)
	}()
}

func isClosed() bool { return inputClosed.Load() != nil }

func note(format string, words ...any) { fmt.Fprintf(os.Stderr, format+"\n", words...) }

func chaosOptions(o options, id string, more ...kgo.Opt) []kgo.Opt {
	timeout, err := strconv.Atoi(o["timeout"])
	must(err)
	return append([]kgo.Opt{kgo.SeedBrokers(o["bootstrap"]), kgo.TransactionalID(id),
		kgo.TransactionTimeout(time.Duration(timeout) * time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RetryTimeout(time.Minute), kgo.RequestRetries(1000000)}, more...)
}

func isFenced(err error) bool {
	return errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch)
}

// One transaction; nil when it has ended as it was meant to.
func chaosTransaction(c *kgo.Client, o options, label string, dice *rand.Rand) error {
	partitions, err := strconv.Atoi(o["partitions"])
	must(err)
	ctx := context.Background()
	count := 1 + dice.Intn(8)
	if err := c.BeginTransaction(); err != nil {
		return err
	}
	var records []*kgo.Record
	for n := 0; n < count; n++ {
		records = append(records, &kgo.Record{Topic: o["topic"],
			Partition: int32(dice.Intn(partitions)),
			Value:     []byte(fmt.Sprintf("%s %d %d", label, n, count))})
	}
	sent := c.ProduceSync(ctx, records...).FirstErr()
	if sent != nil {
		note("%s: %v", label, sent)
		if isFenced(sent) {
			return sent
		}
	}
	if sent != nil || dice.Intn(5) == 0 {
		if err := c.EndTransaction(ctx, kgo.TryAbort); err != nil {
			return err
		}
		emit(map[string]any{"aborted": label})
		return nil
	}
	emit(map[string]any{"trying": label})
	if err := c.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return err
	}
	emit(map[string]any{"committed": label})
	return nil
}

// One producer's life; true when it was fenced.
func chaosLife(o options, id string, dice *rand.Rand) bool {
	c, err := kgo.NewClient(chaosOptions(o, id)...)
	must(err)
	defer c.Close()
	nonce := fmt.Sprintf("%08x", dice.Uint32())
	for serial := 1; !isClosed(); serial++ {
		label := fmt.Sprintf("%s-%s-%d", id, nonce, serial)
		if err := chaosTransaction(c, o, label, dice); err != nil {
			note("a new producer after %s: %v", label, err)
			return isFenced(err)
		}
		time.Sleep(time.Duration(dice.Intn(10)) * time.Millisecond)
	}
	return false
}

func churn(o options) {
	watchInput()
	var all sync.WaitGroup
	for n, id := range strings.Split(o["ids"], ",") {
		all.Add(1)
		go func(id string, seed int64) {
			defer all.Done()
			dice := rand.New(rand.NewSource(seed))
			for !isClosed() {
				if chaosLife(o, id, dice) {
					emit(map[string]any{"fenced": id})
					return
				}
			}
		}(id, time.Now().UnixNano()+int64(n)*7919)
	}
	all.Wait()
}

// Until something fails: what is behind it is then read again from the committed offsets.
func relayLife(o options) {
	session, err := kgo.NewGroupTransactSession(chaosOptions(o, o["id"],
		kgo.ConsumerGroup(o["group"]), kgo.InstanceID(o["id"]), kgo.ConsumeTopics(o["source"]),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.SessionTimeout(10*time.Second),
		kgo.HeartbeatInterval(time.Second), kgo.RequireStableFetchOffsets(),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	must(err)
	defer session.Close()
	for !isClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		fetches := session.PollRecords(ctx, 50)
		cancel()
		if fetches.NumRecords() == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			note("a new relay: begin: %v", err)
			return
		}
		var records []*kgo.Record
		fetches.EachRecord(func(r *kgo.Record) {
			records = append(records, &kgo.Record{Topic: o["topic"], Partition: r.Partition,
				Value: r.Value})
		})
		sent := session.ProduceSync(context.Background(), records...).FirstErr()
		committed, err := session.End(context.Background(), kgo.TransactionEndTry(sent == nil))
		if err != nil || sent != nil {
			note("a new relay: %v; %v", sent, err)
			return
		}
		if committed {
			emit(map[string]any{"copied": len(records)})
		}
	}
}

func relay(o options) {
	watchInput()
	for !isClosed() {
		relayLife(o)
	}
}
