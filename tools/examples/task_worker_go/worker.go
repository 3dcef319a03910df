package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What the metadata's bitmap can say: 4,096 bytes of base64 hold 24,500 bits.
const reach = 24000

// Fetched tasks that may wait, for the priority to choose from.
const prefetch = 500

// A task that so many workers died of is put aside. This one does not count its own deaths: a
// handler's panic is caught.
var maxDeaths = 3

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
	died []int64        // a worker died that had started what was not over below
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

// deaths is how many workers died that may have been at this task.
func (a *assignment) deaths(offset int64) int {
	count := 0
	for _, end := range a.died {
		if offset < end {
			count++
		}
	}
	return count
}

// waiting is a task that was fetched and not started.
type waiting struct {
	*task
	its   *assignment
	since time.Time
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
	waiting []waiting
	running int
	stopped bool
	held    bool // the topic is paused: only to say so once
	done    chan *result
}

func init() {
	if n, err := strconv.Atoi(os.Getenv("HOROLOG_MAX_DEATHS")); err == nil {
		maxDeaths = n
	}
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
	control, err := openControls(bootstrap, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.control != nil && w.control.paused(topic) != w.held {
			w.held = !w.held
			log.Printf("%s is %s", topic, map[bool]string{true: "paused", false: "resumed"}[w.held])
		}
		w.room.Broadcast()
	})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.control = control
	w.mu.Unlock()
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
			over, died, err := readOver(p.Offset, metadata)
			if err != nil {
				log.Fatalf("the group's offset of %s-%d: %v", topic.Topic, p.Partition, err)
			}
			its := place{topic.Topic, p.Partition}
			w.ours[its] = &assignment{its, p.Offset, map[int64]bool{}, over, died}
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
	go w.startAll(concurrency)
	for stop.Err() == nil {
		fetches := w.client.PollRecords(stop, prefetch)
		fetches.EachError(func(topic string, p int32, err error) {
			if !errors.Is(err, context.Canceled) {
				log.Printf("fetching %s-%d: %v", topic, p, err)
			}
		})
		w.mu.Lock()
		fetches.EachRecord(w.take)
		w.mu.Unlock()
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

// take puts the task among those that wait, unless it is over. Too many: waits.
func (w *worker) take(record *kgo.Record) {
	its := w.ours[place{record.Topic, record.Partition}]
	if its == nil || record.Offset < its.next {
		return
	}
	if its.over[record.Offset] {
		its.next = record.Offset + 1
		return
	}
	for w.ours[its.place] == its && !w.stopped && len(w.waiting) >= prefetch {
		w.room.Wait()
	}
	if w.ours[its.place] != its || w.stopped {
		return
	}
	its.next = record.Offset + 1
	its.open[record.Offset] = true
	w.waiting = append(w.waiting, waiting{newTask(record), its, time.Now()})
	w.room.Broadcast()
}

// best is the place of the task that starts next, -1 without one: the highest priority, where each
// ten seconds of waiting count as one more; among equals the first to come.
func (w *worker) best() int {
	best, highest := -1, 0.0
	firsts := map[*assignment]int64{}
	for i, each := range w.waiting {
		if _, known := firsts[each.its]; !known {
			firsts[each.its] = each.its.first(nil)
		}
		if w.control.paused(each.Topic) || each.Offset-firsts[each.its] > reach {
			continue
		}
		rank := float64(each.priority) + time.Since(each.since).Seconds()/10
		if best < 0 || rank > highest+0.001 {
			best, highest = i, rank
		}
	}
	return best
}

// startAll starts what waits while there is a free slot, until the worker is stopped.
func (w *worker) startAll(concurrency int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.stopped {
		kept := w.waiting[:0]
		for _, each := range w.waiting {
			if w.ours[each.its.place] == each.its {
				kept = append(kept, each)
			}
		}
		w.waiting = kept
		next := w.best()
		if next < 0 || w.running >= concurrency {
			w.room.Wait()
			continue
		}
		chosen := w.waiting[next]
		w.waiting = append(w.waiting[:next], w.waiting[next+1:]...)
		w.running++
		w.room.Broadcast()
		go w.work(chosen.task, chosen.its)
	}
}

// work makes the attempt, and announces one that takes longer than a second.
func (w *worker) work(t *task, its *assignment) {
	began, ended := time.Now(), make(chan *result, 1)
	go func() { ended <- w.attemptAt(t, its) }()
	select {
	case r := <-ended:
		w.done <- r
	case <-time.After(time.Second):
		w.done <- &result{task: t, its: its, event: "started", began: began, ended: began}
		w.done <- <-ended
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.room.Broadcast()
}

func (w *worker) attemptAt(t *task, its *assignment) *result {
	began := time.Now()
	if w.control.cancelled(t.fireID) {
		return judge(t, its, time.Time{}, errors.New("cancelled")).as("cancelled")
	}
	if deaths := its.deaths(t.Offset); deaths >= maxDeaths {
		t.fault = fmt.Sprintf("worker died %d times while it was started", deaths)
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
