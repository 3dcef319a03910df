// Package load is what the programs beside bench/rows_task.py share: the same parts, whatever queue
// the tasks go through, on a server that runs already.
//
//	PROGRAM HOST:PORT PART TASKS RATE
//
// PART: backlog (all tasks are there, then 16 handlers work), wait (RATE tasks a second while they
// work: due until handled), enqueue (until TASKS are accepted, the server is gone, or a SIGTERM),
// drain (works until nothing has come for two seconds; payloads are numbers). Prints one JSON
// object.
package load

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Concurrency of handlers, and of those who send.
const Concurrency = 16

var padding = string(make([]byte, 90))

// Queue is one kind of queue, through its client.
type Queue interface {
	// Serve calls the handler in Concurrency goroutines until the program ends.
	Serve(handle func(payload []byte))
	// Send takes payloads from `next` in Concurrency goroutines, until there are no more or the
	// server is gone; gives how many were accepted.
	Send(next func() (payload []byte, more bool)) int64
	// Put sends one and does not wait until it is accepted.
	Put(payload []byte)
	// Left says how many tasks are not over.
	Left() int
}

// Must ends the program on an error.
func Must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// send sends tasks 0 to count-1; gives how many were accepted.
func send(queue Queue, count int64) int64 {
	var taken int64
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		atomic.StoreInt64(&taken, count)
	}()
	return queue.Send(func() ([]byte, bool) {
		id := atomic.AddInt64(&taken, 1) - 1
		if id >= count {
			return nil, false
		}
		return []byte(fmt.Sprintf("%010d%s", id, padding)), true
	})
}

func backlog(queue Queue, count int64) map[string]any {
	began := time.Now()
	if send(queue, count) != count {
		log.Fatal("not all tasks were accepted")
	}
	sent := time.Since(began)
	var done, first int64
	queue.Serve(func([]byte) {
		if atomic.AddInt64(&done, 1) == 1 {
			atomic.StoreInt64(&first, time.Now().UnixNano())
		}
	})
	for atomic.LoadInt64(&done) < count || queue.Left() > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(time.Unix(0, atomic.LoadInt64(&first))).Seconds()
	return map[string]any{"tasks_per_s": float64(count) / took,
		"enqueued_per_s": float64(count) / sent.Seconds()}
}

func wait(queue Queue, count int64, rate float64) map[string]any {
	var mu sync.Mutex
	var waits []int64
	queue.Serve(func(payload []byte) {
		due, _ := strconv.ParseInt(string(payload[:20]), 10, 64)
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, time.Now().UnixNano()-due)
	})
	start := time.Now().Add(time.Second)
	for n := int64(0); n < count; n++ {
		due := start.Add(time.Duration(float64(n) * 1e9 / rate))
		time.Sleep(time.Until(due))
		queue.Put([]byte(fmt.Sprintf("%020d%s", due.UnixNano(), padding[:80])))
	}
	for handled := 0; int64(handled) < count; time.Sleep(time.Millisecond) {
		mu.Lock()
		handled = len(waits)
		mu.Unlock()
	}
	sort.Slice(waits, func(a, b int) bool { return waits[a] < waits[b] })
	return map[string]any{"p50_us": waits[count/2] / 1000, "p99_us": waits[count*99/100] / 1000}
}

func drain(queue Queue) map[string]any {
	var mu sync.Mutex
	seen, twice := map[string]bool{}, 0
	last := time.Now()
	queue.Serve(func(payload []byte) {
		mu.Lock()
		defer mu.Unlock()
		last = time.Now()
		if seen[string(payload)] {
			twice++
		}
		seen[string(payload)] = true
	})
	for {
		time.Sleep(100 * time.Millisecond)
		mu.Lock()
		over := time.Since(last) > 2*time.Second
		mu.Unlock()
		if over {
			return map[string]any{"distinct": len(seen), "twice": twice}
		}
	}
}

// Main runs the part that the command line names.
func Main(open func(address string) Queue) {
	if len(os.Args) != 5 {
		log.Fatalf("usage: %s HOST:PORT PART TASKS RATE", os.Args[0])
	}
	count, err := strconv.ParseInt(os.Args[3], 10, 64)
	Must(err)
	rate, err := strconv.ParseFloat(os.Args[4], 64)
	Must(err)
	queue := open(os.Args[1])
	var result map[string]any
	switch os.Args[2] {
	case "backlog":
		result = backlog(queue, count)
	case "wait":
		result = wait(queue, count, rate)
	case "enqueue":
		result = map[string]any{"accepted": send(queue, count)}
	case "drain":
		result = drain(queue)
	default:
		log.Fatalf("no part '%s'", os.Args[2])
	}
	Must(json.NewEncoder(os.Stdout).Encode(result))
}
