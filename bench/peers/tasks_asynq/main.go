// The tasks of bench/rows_task.py through asynq, on a redis-server that runs already.
//
//	tasks_asynq HOST:PORT PART TASKS RATE
//
// PART: backlog (all tasks are there, then 16 handlers work), wait (RATE tasks a second while they
// work: due until handled), enqueue (until TASKS are accepted or a SIGTERM), drain (works
// until nothing has come for two seconds; payloads are numbers). Prints one JSON object.
package main

import (
	"context"
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

	"github.com/hibiken/asynq"
)

const concurrency = 16

var padding = string(make([]byte, 90))

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// serve works until the program ends.
func serve(redis asynq.RedisConnOpt, handle func(payload []byte)) {
	server := asynq.NewServer(redis, asynq.Config{Concurrency: concurrency,
		LogLevel: asynq.FatalLevel})
	must(server.Start(asynq.HandlerFunc(func(_ context.Context, t *asynq.Task) error {
		handle(t.Payload())
		return nil
	})))
}

// send enqueues tasks 0 to count-1 from as many clients; gives how many were accepted.
func send(redis asynq.RedisConnOpt, count int64) int64 {
	var next, accepted int64
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		atomic.StoreInt64(&next, count)
	}()
	var all sync.WaitGroup
	for n := 0; n < concurrency; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			client := asynq.NewClient(redis)
			defer client.Close()
			for id := atomic.AddInt64(&next, 1) - 1; id < count; id = atomic.AddInt64(&next, 1) - 1 {
				payload := []byte(fmt.Sprintf("%010d%s", id, padding))
				if _, err := client.Enqueue(asynq.NewTask("t", payload)); err != nil {
					return
				}
				atomic.AddInt64(&accepted, 1)
			}
		}()
	}
	all.Wait()
	return accepted
}

func backlog(redis asynq.RedisConnOpt, count int64) map[string]any {
	began := time.Now()
	if send(redis, count) != count {
		log.Fatal("not all tasks were accepted")
	}
	sent := time.Since(began)
	var done, first int64
	serve(redis, func([]byte) {
		if atomic.AddInt64(&done, 1) == 1 {
			atomic.StoreInt64(&first, time.Now().UnixNano())
		}
	})
	inspector := asynq.NewInspector(redis)
	for {
		queue, err := inspector.GetQueueInfo("default")
		must(err)
		if queue.Size == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(time.Unix(0, atomic.LoadInt64(&first))).Seconds()
	return map[string]any{"tasks_per_s": float64(count) / took,
		"enqueued_per_s": float64(count) / sent.Seconds()}
}

func wait(redis asynq.RedisConnOpt, count int64, rate float64) map[string]any {
	var mu sync.Mutex
	var waits []int64
	serve(redis, func(payload []byte) {
		due, _ := strconv.ParseInt(string(payload[:20]), 10, 64)
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, time.Now().UnixNano()-due)
	})
	client := asynq.NewClient(redis)
	start := time.Now().Add(time.Second)
	var all sync.WaitGroup
	for n := int64(0); n < count; n++ {
		due := start.Add(time.Duration(float64(n) * 1e9 / rate))
		time.Sleep(time.Until(due))
		all.Add(1)
		go func() {
			defer all.Done()
			_, err := client.Enqueue(asynq.NewTask("t", []byte(fmt.Sprintf("%020d%s", due.UnixNano(),
				padding[:80]))))
			must(err)
		}()
	}
	all.Wait()
	for handled := 0; int64(handled) < count; time.Sleep(time.Millisecond) {
		mu.Lock()
		handled = len(waits)
		mu.Unlock()
	}
	sort.Slice(waits, func(a, b int) bool { return waits[a] < waits[b] })
	return map[string]any{"p50_us": waits[count/2] / 1000, "p99_us": waits[count*99/100] / 1000}
}

func drain(redis asynq.RedisConnOpt) map[string]any {
	var mu sync.Mutex
	seen, twice := map[string]bool{}, 0
	last := time.Now()
	serve(redis, func(payload []byte) {
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

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: tasks_asynq HOST:PORT PART TASKS RATE")
	}
	redis := asynq.RedisClientOpt{Addr: os.Args[1], ReadTimeout: 2 * time.Minute}
	count, err := strconv.ParseInt(os.Args[3], 10, 64)
	must(err)
	rate, err := strconv.ParseFloat(os.Args[4], 64)
	must(err)
	var result map[string]any
	switch os.Args[2] {
	case "backlog":
		result = backlog(redis, count)
	case "wait":
		result = wait(redis, count, rate)
	case "enqueue":
		result = map[string]any{"accepted": send(redis, count)}
	case "drain":
		result = drain(redis)
	default:
		log.Fatalf("no part '%s'", os.Args[2])
	}
	must(json.NewEncoder(os.Stdout).Encode(result))
}
