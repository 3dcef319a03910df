package main

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	namespace   = "6b1f6d0e5c524f0b9a372d840ec17743"
	maxAttempts = 3
	maxBackoff  = time.Second
)

// Headers of a task that its retry keeps, and those of other schedulers' dialects, which would make
// another command of it.
var (
	kept = map[string]bool{"horolog-max-attempts": true, "horolog-backoff": true,
		"horolog-timeout": true, "horolog-priority": true, "horolog-lane": true}
	foreign = map[string]bool{"scheduler-epoch": true, "scheduler-target-topic": true,
		"scheduler-target-key": true, "schedule_target_epoch": true, "schedule_target_topic": true,
		"schedule_target_key": true, "schedule_target_partition": true}
)

// task is a record and what its headers say.
type task struct {
	*kgo.Record
	ours     map[string]string
	fireID   string
	schedule string // empty: plainly produced, or the retry of such a one
	attempt  int
	most     int
	backoff  time.Duration
	timeout  time.Duration // 0: none
	expires  time.Time     // zero: never
	priority int
	fault    string // of the first header that makes no sense
}

func newTask(record *kgo.Record) *task {
	t := &task{Record: record, ours: map[string]string{}}
	for _, h := range record.Headers {
		if strings.HasPrefix(h.Key, "horolog-") && h.Value != nil {
			t.ours[h.Key] = string(h.Value)
		}
	}
	t.fireID = t.ours["horolog-fire-id"]
	if t.fireID == "" {
		t.fireID = uuid5(fmt.Sprintf("%s\x00%d\x00%d", record.Topic, record.Partition, record.Offset))
	}
	if schedule := t.ours["horolog-schedule"]; !strings.HasPrefix(schedule, "retry:") {
		t.schedule = schedule
	}
	t.attempt = t.number("horolog-attempt", 1, 1, math.MaxInt32)
	t.most = t.number("horolog-max-attempts", maxAttempts, 1, 1000000)
	t.priority = t.number("horolog-priority", 5, 0, 9)
	t.backoff = t.duration("horolog-backoff", 200*time.Millisecond)
	t.timeout = t.duration("horolog-timeout", 0)
	t.expires = t.instant("horolog-expires")
	return t
}

func (t *task) number(name string, fallback, least, most int) int {
	text, there := t.ours[name]
	if !there {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		t.blame("%s: '%s' is not a whole number from %d to %d", name, text, least, most)
		return fallback
	}
	return n
}

var days = regexp.MustCompile(`^[pP]?(?:(\d+)[wW])?(?:(\d+)[dD])?[tT]?(.*)$`)

// duration reads 2s, 15m, 1d12h and PT15M; Go's own spelling has no days and weeks.
func (t *task) duration(name string, fallback time.Duration) time.Duration {
	text, there := t.ours[name]
	if !there {
		return fallback
	}
	parts := days.FindStringSubmatch(text)
	weeks, _ := strconv.Atoi(parts[1])
	whole, _ := strconv.Atoi(parts[2])
	d, err := time.ParseDuration(strings.ToLower(parts[3]))
	if parts[3] == "" && parts[1]+parts[2] != "" {
		d, err = 0, nil
	}
	if err != nil || d < 0 {
		t.blame("%s: '%s' is no duration like 300ms, 2s or PT15M", name, text)
		return fallback
	}
	return d + time.Duration(7*weeks+whole)*24*time.Hour
}

// instant reads epoch milliseconds, RFC 3339, or a duration after the fire (without one, after the
// record's timestamp).
func (t *task) instant(name string) time.Time {
	text, there := t.ours[name]
	if !there {
		return time.Time{}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms)
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at
	}
	from := t.Timestamp
	if ms, err := strconv.ParseInt(t.ours["horolog-fired-time"], 10, 64); err == nil {
		from = time.UnixMilli(ms)
	}
	return from.Add(t.duration(name, 0))
}

func (t *task) blame(format string, words ...any) {
	if t.fault == "" {
		t.fault = fmt.Sprintf(format, words...)
	}
}

func uuid5(name string) string {
	space, _ := hex.DecodeString(namespace)
	sum := sha1.Sum(append(space, name...))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	x := hex.EncodeToString(sum[:16])
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}

// home is the key whose partition the run record belongs to.
func (t *task) home() string {
	if t.schedule != "" {
		return t.schedule
	}
	return t.fireID
}

// result is an attempt that is over.
type result struct {
	*task
	its     *assignment
	event   string
	reason  string
	began   time.Time
	ended   time.Time
	backoff time.Duration
}

// judge says what the handler's error means for the task.
func judge(t *task, its *assignment, began time.Time, err error) *result {
	r := &result{task: t, its: its, event: "succeeded", began: began, ended: time.Now()}
	if err == nil {
		return r
	}
	r.event, r.reason = "failed", strings.ToValidUTF8(err.Error(), "?")
	if len(r.reason) > 4096 {
		r.reason = strings.ToValidUTF8(r.reason[:4096], "")
	}
	if _, is := err.(dead); is || t.attempt >= t.most {
		r.event = "dead"
	}
	wait := t.backoff
	for n := 1; n < t.attempt && wait < maxBackoff; n++ {
		wait *= 2
	}
	if wait > maxBackoff && maxBackoff > t.backoff {
		wait = maxBackoff
	}
	r.backoff = time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
	return r
}

func (r *result) as(event string) *result {
	r.event = event
	return r
}

// runRecord tells everybody what became of the attempt.
func (r *result) runRecord(worker string, partitions int32) *kgo.Record {
	value := map[string]any{"event": r.event, "fire_id": r.fireID, "attempt": r.attempt,
		"at_ms": r.ended.UnixMilli(), "target": r.Topic, "partition": r.Partition,
		"offset": r.Offset, "produced_ms": r.Timestamp.UnixMilli(), "worker": worker}
	if !r.began.IsZero() {
		value["started_ms"] = r.began.UnixMilli()
	}
	if !r.began.IsZero() && r.event != "started" {
		value["duration_us"] = r.ended.Sub(r.began).Microseconds()
	}
	if r.schedule != "" {
		value["schedule"] = r.schedule
		for field, header := range map[string]string{"generation": "horolog-generation",
			"nominal_ms": "horolog-nominal-time", "fired_ms": "horolog-fired-time"} {
			if n, err := strconv.ParseInt(r.ours[header], 10, 64); err == nil {
				value[field] = n
			}
		}
	}
	if r.reason != "" {
		value["reason"] = r.reason
	}
	if r.event == "failed" {
		value["retry_ms"] = r.ended.Add(r.backoff).UnixMilli()
	}
	text, _ := json.Marshal(value)
	return &kgo.Record{Topic: "horolog.runs", Partition: murmur2(r.home()) % partitions,
		Key: []byte(r.fireID), Value: text}
}

// retry is the command that fires the task again.
func (r *result) retry(partitions int32) *kgo.Record {
	attempt := strconv.Itoa(r.attempt + 1)
	key := "retry:" + r.fireID + ":" + attempt
	out := &kgo.Record{Topic: "horolog.schedules", Partition: murmur2(key) % partitions,
		Key: []byte(key), Value: append([]byte{}, r.Value...)}
	for _, h := range r.Headers {
		if kept[h.Key] || !strings.HasPrefix(h.Key, "horolog-") && !foreign[h.Key] {
			out.Headers = append(out.Headers, h)
		}
	}
	delay := r.backoff.Milliseconds()
	if delay < 1 {
		delay = 1
	}
	put(out, "horolog-topic", r.Topic)
	put(out, "horolog-partition", strconv.Itoa(int(r.Partition)))
	put(out, "horolog-delay", fmt.Sprintf("%dms", delay))
	put(out, "horolog-fire-id", r.fireID)
	put(out, "horolog-attempt", attempt)
	if r.Key != nil {
		put(out, "horolog-key", string(r.Key))
	}
	if !r.expires.IsZero() {
		put(out, "horolog-expires", strconv.FormatInt(r.expires.UnixMilli(), 10))
	}
	if r.schedule != "" {
		for _, name := range []string{"horolog-schedule", "horolog-generation",
			"horolog-nominal-time"} {
			put(out, name, r.ours[name])
		}
	}
	return out
}

// letter is the dead letter: the record as it was, and why it is there.
func (r *result) letter(worker string) *kgo.Record {
	out := &kgo.Record{Topic: r.Topic + ".dlq", Partition: r.Partition, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		if h.Key != "horolog-fire-id" && h.Key != "horolog-attempt" {
			out.Headers = append(out.Headers, h)
		}
	}
	put(out, "horolog-fire-id", r.fireID)
	put(out, "horolog-attempt", strconv.Itoa(r.attempt))
	put(out, "horolog-dead-cause", r.reason)
	put(out, "horolog-dead-at", strconv.FormatInt(r.ended.UnixMilli(), 10))
	put(out, "horolog-dead-topic", r.Topic)
	put(out, "horolog-dead-partition", strconv.Itoa(int(r.Partition)))
	put(out, "horolog-dead-offset", strconv.FormatInt(r.Offset, 10))
	put(out, "horolog-dead-worker", worker)
	return out
}

func put(record *kgo.Record, name, value string) {
	record.Headers = append(record.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
}
