// The tasks of bench/rows_task.py through RabbitMQ, on a server that runs already: a durable queue,
// persistent messages, publisher confirms, manual acknowledgements.
//
//	tasks_rabbitmq HOST:PORT PART TASKS RATE
//
// PART: backlog (all tasks are there, then 16 handlers work), wait (RATE tasks a second while they
// work: due until handled), enqueue (until TASKS are confirmed, the server is gone, or a SIGTERM),
// drain (works until nothing has come for two seconds; payloads are numbers). Prints one JSON
// object.
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

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	concurrency = 16
	unconfirmed = 256 // of one publisher
	queue       = "tasks"
)

var padding = string(make([]byte, 90))

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func open(connection *amqp.Connection) *amqp.Channel {
	channel, err := connection.Channel()
	must(err)
	_, err = channel.QueueDeclare(queue, true, false, false, false, nil)
	must(err)
	return channel
}

func publish(channel *amqp.Channel, body string) (*amqp.DeferredConfirmation, error) {
	return channel.PublishWithDeferredConfirmWithContext(context.Background(), "", queue, false, false,
		amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(body)})
}

// serve works until the program ends.
func serve(connection *amqp.Connection, handle func(body []byte)) {
	for n := 0; n < concurrency; n++ {
		channel := open(connection)
		must(channel.Qos(unconfirmed, 0, false))
		deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
		must(err)
		go func() {
			for delivery := range deliveries {
				handle(delivery.Body)
				_ = delivery.Ack(false)
			}
		}()
	}
}

// send publishes tasks 0 to count-1 from several channels; gives how many were confirmed.
func send(connection *amqp.Connection, count int64) int64 {
	var next, confirmed int64
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		atomic.StoreInt64(&next, count)
	}()
	var all sync.WaitGroup
	for n := 0; n < concurrency; n++ {
		channel := open(connection)
		must(channel.Confirm(false))
		open := make(chan *amqp.DeferredConfirmation, unconfirmed)
		all.Add(2)
		go func() {
			defer all.Done()
			defer close(open)
			for id := atomic.AddInt64(&next, 1) - 1; id < count; id = atomic.AddInt64(&next, 1) - 1 {
				one, err := publish(channel, fmt.Sprintf("%010d%s", id, padding))
				if err != nil {
					return
				}
				open <- one
			}
		}()
		go func() {
			defer all.Done()
			for one := range open {
				// A connection that is gone leaves its confirmations unanswered.
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				if ok, err := one.WaitContext(ctx); ok && err == nil {
					atomic.AddInt64(&confirmed, 1)
				} else if connection.IsClosed() {
					cancel()
					for range open {
					}
					return
				}
				cancel()
			}
		}()
	}
	all.Wait()
	return confirmed
}

func left(channel *amqp.Channel) int {
	state, err := channel.QueueInspect(queue)
	must(err)
	return state.Messages
}

func backlog(connection *amqp.Connection, count int64) map[string]any {
	began := time.Now()
	if send(connection, count) != count {
		log.Fatal("not all tasks were confirmed")
	}
	sent := time.Since(began)
	var done, first int64
	serve(connection, func([]byte) {
		if atomic.AddInt64(&done, 1) == 1 {
			atomic.StoreInt64(&first, time.Now().UnixNano())
		}
	})
	watch := open(connection)
	for atomic.LoadInt64(&done) < count || left(watch) > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(time.Unix(0, atomic.LoadInt64(&first))).Seconds()
	return map[string]any{"tasks_per_s": float64(count) / took,
		"enqueued_per_s": float64(count) / sent.Seconds()}
}

func wait(connection *amqp.Connection, count int64, rate float64) map[string]any {
	var mu sync.Mutex
	var waits []int64
	serve(connection, func(body []byte) {
		due, _ := strconv.ParseInt(string(body[:20]), 10, 64)
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, time.Now().UnixNano()-due)
	})
	channel := open(connection)
	must(channel.Confirm(false))
	start := time.Now().Add(time.Second)
	for n := int64(0); n < count; n++ {
		due := start.Add(time.Duration(float64(n) * 1e9 / rate))
		time.Sleep(time.Until(due))
		_, err := publish(channel, fmt.Sprintf("%020d%s", due.UnixNano(), padding[:80]))
		must(err)
	}
	for handled := 0; int64(handled) < count; time.Sleep(time.Millisecond) {
		mu.Lock()
		handled = len(waits)
		mu.Unlock()
	}
	sort.Slice(waits, func(a, b int) bool { return waits[a] < waits[b] })
	return map[string]any{"p50_us": waits[count/2] / 1000, "p99_us": waits[count*99/100] / 1000}
}

func drain(connection *amqp.Connection) map[string]any {
	var mu sync.Mutex
	seen, twice := map[string]bool{}, 0
	last := time.Now()
	serve(connection, func(body []byte) {
		mu.Lock()
		defer mu.Unlock()
		last = time.Now()
		if seen[string(body)] {
			twice++
		}
		seen[string(body)] = true
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
		log.Fatal("usage: tasks_rabbitmq HOST:PORT PART TASKS RATE")
	}
	connection, err := amqp.Dial("amqp://guest:guest@" + os.Args[1] + "/")
	must(err)
	count, err := strconv.ParseInt(os.Args[3], 10, 64)
	must(err)
	rate, err := strconv.ParseFloat(os.Args[4], 64)
	must(err)
	var result map[string]any
	switch os.Args[2] {
	case "backlog":
		result = backlog(connection, count)
	case "wait":
		result = wait(connection, count, rate)
	case "enqueue":
		result = map[string]any{"accepted": send(connection, count)}
	case "drain":
		result = drain(connection)
	default:
		log.Fatalf("no part '%s'", os.Args[2])
	}
	must(json.NewEncoder(os.Stdout).Encode(result))
}
