package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The steps of a transaction that may be done again.
const patience = 10 * time.Second

// commit writes what became of the attempts: all of it in one transaction, the offsets last. What
// was lost meanwhile is no longer ours to report. An error: nothing of it was written.
func (w *worker) commit(batch []*result) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	ended := map[*assignment]map[int64]bool{}
	var records []*kgo.Record
	for _, r := range batch {
		if w.ours[r.its.place] != r.its {
			continue
		}
		if ended[r.its] == nil {
			ended[r.its] = map[int64]bool{}
		}
		records = append(records, r.runRecord(w.name, w.runs))
		if r.event == "started" {
			continue
		}
		ended[r.its][r.Offset] = true
		if r.event == "failed" {
			records = append(records, r.retry(w.runs))
		}
		if r.event == "dead" {
			records = append(records, r.letter(w.name))
		}
		if r.event != "failed" && w.control.cancelled(r.fireID) {
			records = append(records, settled(r.fireID))
		}
	}
	if len(records) == 0 {
		return nil
	}
	if err := w.client.BeginTransaction(); err != nil {
		log.Fatalf("no transaction can begin: %v", err) // fenced, or worse
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := w.client.ProduceSync(ctx, records...).FirstErr()
	if err == nil {
		err = w.sendOffsets(ctx, ended)
	}
	if err != nil {
		w.abort()
		return err
	}
	// Asked again by franz-go until it is answered. What fails all the same has an outcome that is
	// not known: a new process looks at the group's offset.
	if err := w.client.EndTransaction(context.Background(), kgo.TryCommit); err != nil {
		log.Fatalf("the commit of a transaction: %v", err)
	}
	for its, offsets := range ended {
		for o := range offsets {
			delete(its.open, o)
			its.over[o] = true
		}
		first := its.first(nil)
		if its.next < first {
			its.next = first
		}
		for o := range its.over {
			if o < first {
				delete(its.over, o)
			}
		}
	}
	w.room.Broadcast()
	return nil
}

func (w *worker) abort() {
	ctx := context.Background()
	if err := w.client.AbortBufferedRecords(ctx); err != nil {
		log.Fatalf("dropping records: %v", err)
	}
	if err := w.client.EndTransaction(ctx, kgo.TryAbort); err != nil {
		log.Fatalf("the abort of a transaction: %v", err)
	}
}

// sendOffsets is sendOffsetsToTransaction with metadata. franz-go's own (GroupTransactSession)
// commits all that was polled; these two requests are what it would send.
func (w *worker) sendOffsets(ctx context.Context, ended map[*assignment]map[int64]bool) error {
	id, epoch, err := w.client.ProducerID(ctx)
	if err != nil {
		return err
	}
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID, add.Group = w.group+"-"+w.name, w.group
	add.ProducerID, add.ProducerEpoch = id, epoch
	added, err := add.RequestWith(ctx, w.client)
	if err == nil {
		err = kerr.ErrorForCode(added.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("AddOffsetsToTxn: %w", err)
	}
	commit := kmsg.NewPtrTxnOffsetCommitRequest()
	commit.TransactionalID, commit.Group = add.TransactionalID, w.group
	commit.ProducerID, commit.ProducerEpoch = id, epoch
	commit.MemberID, commit.Generation = w.client.GroupMetadata()
	for its, offsets := range ended {
		first := its.first(offsets)
		over := map[int64]bool{}
		for _, some := range []map[int64]bool{its.over, offsets} {
			for o := range some {
				over[o] = true
			}
		}
		topic := kmsg.NewTxnOffsetCommitRequestTopic()
		topic.Topic = its.topic
		p := kmsg.NewTxnOffsetCommitRequestTopicPartition()
		p.Partition, p.Offset = its.partition, first
		text := writeOver(first, over, its.died)
		if text != "" {
			text += "\x00" // confluent-kafka for Python reads on to the next NUL in its memory
		}
		p.Metadata = kmsg.StringPtr(text)
		topic.Partitions = append(topic.Partitions, p)
		commit.Topics = append(commit.Topics, topic)
	}
	answer, err := commit.RequestWith(ctx, w.client)
	if err != nil {
		return fmt.Errorf("TxnOffsetCommit: %w", err)
	}
	for _, topic := range answer.Topics {
		for _, p := range topic.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return fmt.Errorf("TxnOffsetCommit of %s-%d: %w", topic.Topic, p.Partition, err)
			}
		}
	}
	return nil
}
