// The peer of the row `peer-asynq`: delayed jobs of asynq on a Redis.
//
//	asynq enqueue --redis ADDRESS --count N --due UNIX-MS
//	asynq work --redis ADDRESS --count N --seconds S
//
// enqueue schedules N jobs of 256 bytes that carry their due time; work runs jobs until it has
// seen N or S seconds have passed. Each prints one JSON object.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

const kind = "bench"

func enqueue(redis asynq.RedisClientOpt, count int, due time.Time) map[string]any {
	began := time.Now()
	var waiting sync.WaitGroup
	const clients = 16
	for c := 0; c < clients; c++ {
		waiting.Add(1)
		go func(c int) {
			defer waiting.Done()
			client := asynq.NewClient(redis)
			defer client.Close()
			payload := make([]byte, 256)
			binary.BigEndian.PutUint64(payload, uint64(due.UnixMilli()))
			for i := c; i < count; i += clients {
				job := asynq.NewTask(kind, payload)
				if _, err := client.Enqueue(job, asynq.ProcessAt(due), asynq.MaxRetry(5)); err != nil {
					panic(err)
				}
			}
		}(c)
	}
	waiting.Wait()
	return map[string]any{"accepted_per_s": float64(count) / time.Since(began).Seconds()}
}

func work(redis asynq.RedisClientOpt, count int, seconds float64) map[string]any {
	var mutex sync.Mutex
	var late []float64
	var first, last time.Time
	done := make(chan struct{})
	server := asynq.NewServer(redis, asynq.Config{
		Concurrency: 64,
		LogLevel:    asynq.ErrorLevel,
		// The finest that it takes.
		DelayedTaskCheckInterval: 100 * time.Millisecond,
	})
	handle := func(_ context.Context, job *asynq.Task) error {
		now := time.Now()
		due := int64(binary.BigEndian.Uint64(job.Payload()))
		mutex.Lock()
		defer mutex.Unlock()
		if len(late) == 0 {
			first = now
		}
		last = now
		late = append(late, float64(now.UnixMicro()-due*1000)/1000)
		if len(late) == count {
			close(done)
		}
		return nil
	}
	if err := server.Start(asynq.HandlerFunc(handle)); err != nil {
		panic(err)
	}
	select {
	case <-done:
	case <-time.After(time.Duration(seconds * float64(time.Second))):
	}
	server.Shutdown()
	mutex.Lock()
	defer mutex.Unlock()
	out := map[string]any{"fires": len(late)}
	if len(late) > 1 {
		sort.Float64s(late)
		out["fires_per_s"] = float64(len(late)) / last.Sub(first).Seconds()
		out["p50_ms"] = late[len(late)/2]
		out["p99_ms"] = late[len(late)*99/100]
	}
	return out
}

func main() {
	address := flag.String("redis", "127.0.0.1:6379", "the Redis")
	count := flag.Int("count", 10000, "jobs")
	due := flag.Int64("due", 0, "when they are due, in ms since 1970")
	seconds := flag.Float64("seconds", 60, "how long work waits")
	if len(os.Args) < 2 {
		panic("enqueue or work")
	}
	flag.CommandLine.Parse(os.Args[2:])
	redis := asynq.RedisClientOpt{Addr: *address}
	var out map[string]any
	if os.Args[1] == "enqueue" {
		out = enqueue(redis, *count, time.UnixMilli(*due))
	} else {
		out = work(redis, *count, *seconds)
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
