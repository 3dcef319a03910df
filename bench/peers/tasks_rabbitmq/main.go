// The tasks of bench/rows_task.py through RabbitMQ (tasks_load/load.go): a durable queue,
// persistent messages, publisher confirms, manual acknowledgements.
package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	load "horolog/tasks_load"
)

const (
	unconfirmed = 256 // of one publisher
	name        = "tasks"
)

type queue struct {
	connection *amqp.Connection
	own        *amqp.Channel // of the goroutine that asks and puts
}

func open(connection *amqp.Connection) *amqp.Channel {
	channel, err := connection.Channel()
	load.Must(err)
	_, err = channel.QueueDeclare(name, true, false, false, false, nil)
	load.Must(err)
	return channel
}

func publish(channel *amqp.Channel, body []byte) (*amqp.DeferredConfirmation, error) {
	return channel.PublishWithDeferredConfirmWithContext(context.Background(), "", name, false, false,
		amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body})
}

func (q *queue) Serve(handle func(body []byte)) {
	for n := 0; n < load.Concurrency; n++ {
		channel := open(q.connection)
		load.Must(channel.Qos(unconfirmed, 0, false))
		deliveries, err := channel.Consume(name, "", false, false, false, false, nil)
		load.Must(err)
		go func() {
			for delivery := range deliveries {
				handle(delivery.Body)
				_ = delivery.Ack(false)
			}
		}()
	}
}

func (q *queue) Send(next func() ([]byte, bool)) int64 {
	var confirmed int64
	var all sync.WaitGroup
	for n := 0; n < load.Concurrency; n++ {
		channel := open(q.connection)
		load.Must(channel.Confirm(false))
		open := make(chan *amqp.DeferredConfirmation, unconfirmed)
		all.Add(2)
		go func() {
			defer all.Done()
			defer close(open)
			for body, more := next(); more; body, more = next() {
				one, err := publish(channel, body)
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
				} else if q.connection.IsClosed() {
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

func (q *queue) Put(body []byte) {
	_, err := publish(q.own, body)
	load.Must(err)
}

func (q *queue) Left() int {
	state, err := q.own.QueueInspect(name)
	load.Must(err)
	return state.Messages
}

func main() {
	load.Main(func(address string) load.Queue {
		connection, err := amqp.Dial("amqp://guest:guest@" + address + "/")
		load.Must(err)
		own := open(connection)
		load.Must(own.Confirm(false))
		return &queue{connection, own}
	})
}
