// The tasks of bench/rows_task.py through asynq, on a redis-server (tasks_load/load.go).
package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	load "horolog/tasks_load"
)

type queue struct {
	redis     asynq.RedisConnOpt
	client    *asynq.Client
	inspector *asynq.Inspector
}

func (q *queue) Serve(handle func(payload []byte)) {
	server := asynq.NewServer(q.redis, asynq.Config{Concurrency: load.Concurrency,
		LogLevel: asynq.FatalLevel})
	load.Must(server.Start(asynq.HandlerFunc(func(_ context.Context, t *asynq.Task) error {
		handle(t.Payload())
		return nil
	})))
}

func (q *queue) Send(next func() ([]byte, bool)) int64 {
	var accepted int64
	var all sync.WaitGroup
	for n := 0; n < load.Concurrency; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			client := asynq.NewClient(q.redis)
			defer client.Close()
			for payload, more := next(); more; payload, more = next() {
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

func (q *queue) Put(payload []byte) {
	go func() {
		_, err := q.client.Enqueue(asynq.NewTask("t", payload))
		load.Must(err)
	}()
}

func (q *queue) Left() int {
	state, err := q.inspector.GetQueueInfo("default")
	load.Must(err)
	return state.Size
}

func main() {
	load.Main(func(address string) load.Queue {
		redis := asynq.RedisClientOpt{Addr: address, ReadTimeout: 2 * time.Minute}
		return &queue{redis, asynq.NewClient(redis), asynq.NewInspector(redis)}
	})
}
