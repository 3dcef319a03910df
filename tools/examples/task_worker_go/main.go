// A task worker in Go, on the stock client (franz-go), by tools/TASKS.md.
//
//	task_worker BOOTSTRAP GROUP TOPIC [CONCURRENCY]
//
// It shares its group with workers in other languages. Replace work() by yours. Ends on SIGTERM or
// SIGINT, when the tasks that run are done. What it cannot mend (its producer was fenced) ends it
// with exit code 1: start it again. Of what TASKS.md leaves open it does
// not look at horolog-lane and cancel-requested.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dead says that trying the task again would not help.
type dead struct{ error }

// work is the task itself: nil when it is done. It stops early when ctx ends.
func work(ctx context.Context, t *task) error {
	word, rest, _ := strings.Cut(string(t.Value), " ")
	number, _ := strconv.Atoi(rest)
	switch word {
	case "dead":
		return dead{errors.New("as it was told")}
	case "fail":
		return errors.New("as it was told")
	case "crash":
		os.Exit(9)
	case "throw":
		panic("as it was told")
	case "until":
		if t.attempt < number {
			return errors.New("not yet")
		}
	case "slow", "hang":
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(number) * time.Millisecond):
		}
	}
	return nil
}

// attempt runs the handler within the task's time; a panic is a failed attempt.
func attempt(t *task) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("panic: %v", thrown)
		}
	}()
	ctx := context.Background()
	if t.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.timeout)
		defer cancel()
	}
	return work(ctx, t)
}

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: task_worker BOOTSTRAP GROUP TOPIC [CONCURRENCY]")
		os.Exit(2)
	}
	concurrency := 4
	if len(os.Args) > 4 {
		concurrency, _ = strconv.Atoi(os.Args[4])
	}
	host, _ := os.Hostname()
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	w, err := newWorker(os.Args[1], os.Args[2], os.Args[3], host+"-go-"+hex.EncodeToString(random))
	if err != nil {
		log.Fatal(err)
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	w.run(stop, concurrency)
}
