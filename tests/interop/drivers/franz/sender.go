// The verb send over franz-go (harness/driver.py).
package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

func send(o options) {
	c := client(o, kgo.DefaultProduceTopic(o["topic"]))
	defer c.Close()
	var out []*kgo.Record
	for _, r := range readRecords(o["records"]) {
		made := &kgo.Record{Key: raw(r.K), Value: raw(r.V)}
		for _, h := range r.H {
			made.Headers = append(made.Headers, kgo.RecordHeader{Key: *h[0], Value: raw(h[1])})
		}
		out = append(out, made)
	}
	must(c.ProduceSync(context.Background(), out...).FirstErr())
	emit(map[string]any{"sent": len(out)})
}
