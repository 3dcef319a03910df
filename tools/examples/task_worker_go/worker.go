package main

import (
	"context"
	"errors"
	"log"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What the metadata's bitmap can say: 4,096 bytes of base64 hold 24,500 bits.
const reach = 24000

type place struct {
	topic     string
	partition int32
}

// assignment is a partition as long as it is ours; another assignment of it is another object.
type assignment struct {
	place
	next int64          // what lies below has come from the log, or is known to be over
	open map[int64]bool // came, and is not over
	over map[int64]bool // is over, and the committed offset has not passed it
}

// first is the first offset that is not over, once those of the batch are.
func (a *assignment) first(ended map[int64]bool) int64 {
	least := a.next
	for o := range a.open {
		if o < least && !ended[o] {
			least = o
		}
	}
	for a.over[least] || ended[least] {
		least++
	}
	return least
}

type worker struct {
	client  *kgo.Client
	control *controls
	name    string
	group   string
	topic   string
	runs    int32      // partitions of the scheduler's topics
	mu      sync.Mutex // held by a commit from end to end: no partition goes to another meanwhile
	ours    map[place]*assignment
	room    *sync.Cond // something is over, or a partition has gone
	running int
	stopped bool
	done    chan *result
}

func newWorker(bootstrap, group, topic, name string) (*worker, error) {
	w := &worker{name: name, group: group, topic: topic, ours: map[place]*assignment{},
		done: make(chan *result, 10000)}
	w.room = sync.NewCond(&w.mu)
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic), kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(),
		kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(time.Second),
		kgo.OnPartitionsAssigned(w.assigned), kgo.OnPartitionsRevoked(w.lost),
		kgo.OnPartitionsLost(w.lost), kgo.AllowAutoTopicCreation(),
		kgo.TransactionalID(group+"-"+name), kgo.TransactionTimeout(5*time.Second),
		kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.BasicConsistentPartitioner(
			func(string) func(*kgo.Record, int) int {
				return func(r *kgo.Record, n int) int { return int(r.Partition) % n }
			})))
	w.client = client
	if err != nil {
		return nil, err
	}
	w.control, err = openControls(bootstrap, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.room.Broadcast()
	})
	if err != nil {
		return nil, err
	}
	request := kmsg.NewPtrMetadataRequest()
	runs := kmsg.NewMetadataRequestTopic()
	runs.Topic = kmsg.StringPtr("horolog.runs")
	request.Topics = append(request.Topics, runs)
	found, err := request.RequestWith(context.Background(), client)
	if err != nil {
		return nil, err
	}
	w.runs = int32(len(found.Topics[0].Partitions))
	return w, kerr.ErrorForCode(found.Topics[0].ErrorCode)
}

// assigned looks up what is over already. franz-go starts to fetch when it returns.
func (w *worker) assigned(ctx context.Context, _ *kgo.Client, added map[string][]int32) {
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Group, request.RequireStable = w.group, true
	for topic, partitions := range added {
		asked := kmsg.NewOffsetFetchRequestTopic()
		asked.Topic, asked.Partitions = topic, partitions
		request.Topics = append(request.Topics, asked)
	}
	if len(request.Topics) == 0 {
		return
	}
	answer, err := request.RequestWith(ctx, w.client)
	if err != nil {
		log.Fatalf("the group's offsets: %v", err)
	}
	for _, topic := range answer.Topics {
		for _, p := range topic.Partitions {
			// A transaction of whoever had the partition before is still open.
			if p.ErrorCode == kerr.UnstableOffsetCommit.Code {
				time.Sleep(100 * time.Millisecond)
				w.assigned(ctx, nil, added)
				return
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, topic := range answer.Topics {
		for _, p := range topic.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				log.Fatalf("the group's offset of %s-%d: %v", topic.Topic, p.Partition, err)
			}
			metadata := ""
			if p.Metadata != nil {
				metadata = *p.Metadata
			}
			over, err := readOver(p.Offset, metadata)
			if err != nil {
				log.Fatalf("the group's offset of %s-%d: %v", topic.Topic, p.Partition, err)
			}
			its := place{topic.Topic, p.Partition}
			w.ours[its] = &assignment{its, p.Offset, map[int64]bool{}, over}
		}
	}
}

// lost returns when no commit is under way that still takes the partitions for ours.
func (w *worker) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for topic, partitions := range gone {
		for _, p := range partitions {
			delete(w.ours, place{topic, p})
		}
	}
	w.room.Broadcast()
}

func (w *worker) run(stop context.Context, concurrency int) {
	committed := make(chan struct{})
	go func() {
		defer close(committed)
		w.commitAll()
	}()
	go func() {
		<-stop.Done()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.stopped = true
		w.room.Broadcast()
	}()
	for stop.Err() == nil {
		fetches := w.client.PollRecords(stop, concurrency)
		fetches.EachError(func(topic string, p int32, err error) {
			if !errors.Is(err, context.Canceled) {
				log.Printf("fetching %s-%d: %v", topic, p, err)
			}
		})
		fetches.EachRecord(func(record *kgo.Record) { w.take(record, concurrency) })
	}
	w.mu.Lock()
	for w.running > 0 {
		w.room.Wait()
	}
	w.mu.Unlock()
	close(w.done)
	<-committed
	w.control.client.Close()
	w.client.Close()
}

// take starts the task unless it is over; waits while the topic is paused, and for a free slot and
// room in the metadata.
func (w *worker) take(record *kgo.Record, concurrency int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	its := w.ours[place{record.Topic, record.Partition}]
	if its == nil || record.Offset < its.next {
		return
	}
	if its.over[record.Offset] {
		its.next = record.Offset + 1
		return
	}
	for w.ours[its.place] == its && !w.stopped && (w.control.paused(record.Topic) ||
		w.running >= concurrency || record.Offset-its.first(nil) > reach) {
		w.room.Wait()
	}
	if w.ours[its.place] != its || w.stopped {
		return
	}
	its.next = record.Offset + 1
	its.open[record.Offset] = true
	w.running++
	go func() {
		w.done <- w.attemptAt(newTask(record), its)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.running--
		w.room.Broadcast()
	}()
}

func (w *worker) attemptAt(t *task, its *assignment) *result {
	began := time.Now()
	if w.control.cancelled(t.fireID) {
		return judge(t, its, time.Time{}, errors.New("cancelled")).as("cancelled")
	}
	if t.fault != "" {
		return judge(t, its, time.Time{}, dead{errors.New(t.fault)})
	}
	if !t.expires.IsZero() && began.After(t.expires) {
		return judge(t, its, time.Time{}, errors.New("not started by "+
			t.expires.UTC().Format(time.RFC3339))).as("expired")
	}
	r := judge(t, its, began, attempt(t))
	if r.event == "failed" && w.control.cancelled(t.fireID) {
		return r.as("cancelled")
	}
	return r
}

// commitAll writes all that has come meanwhile as one transaction, again and again.
func (w *worker) commitAll() {
	for first := range w.done {
		batch := []*result{first}
		for more := true; more && len(batch) < 1000; {
			select {
			case r, open := <-w.done:
				if more = open; open {
					batch = append(batch, r)
				}
			default:
				more = false
			}
		}
		for n := 0; ; n++ {
			err := w.commit(batch)
			if err == nil {
				break
			}
			log.Printf("a transaction failed and is done again: %v", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}
