// The peer of the row `peer-robfig`: N entries of robfig/cron v3 that run every second, each
// noting how late it is. Prints one JSON object: fires, fires per second, lateness, memory.
package main

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"sort"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	entries := flag.Int("entries", 10000, "entries of @every 1s")
	seconds := flag.Int("seconds", 10, "how long")
	flag.Parse()
	var mutex sync.Mutex
	var late []float64
	runner := cron.New(cron.WithSeconds())
	for i := 0; i < *entries; i++ {
		if _, err := runner.AddFunc("@every 1s", func() {
			// It rounds to whole seconds: that is when the entry was due.
			now := time.Now()
			ms := float64(now.Sub(now.Truncate(time.Second)).Microseconds()) / 1000
			mutex.Lock()
			late = append(late, ms)
			mutex.Unlock()
		}); err != nil {
			panic(err)
		}
	}
	runner.Start()
	time.Sleep(time.Duration(*seconds) * time.Second)
	<-runner.Stop().Done()
	mutex.Lock()
	defer mutex.Unlock()
	sort.Float64s(late)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"fires":       len(late),
		"fires_per_s": float64(len(late)) / float64(*seconds),
		"p50_ms":      late[len(late)/2],
		"p99_ms":      late[len(late)*99/100],
		"memory_mb":   float64(memory.Sys) / (1 << 20),
	})
}
