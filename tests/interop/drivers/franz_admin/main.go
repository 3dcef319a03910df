// kadm of franz-go (facts and arguments: cases/admin_clients.py).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var ctx, cancel = context.WithTimeout(context.Background(), 60*time.Second)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func emit(name string, value any) {
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{name: value}))
}

// code is Kafka's name of an error that a broker answered.
func code(err error) string {
	var answered *kerr.Error
	if errors.As(err, &answered) {
		return answered.Message
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func retention(admin *kadm.Client, topic string) string {
	found, err := admin.DescribeTopicConfigs(ctx, topic)
	must(err)
	for _, config := range found[0].Configs {
		if config.Key == "retention.ms" {
			return config.MaybeValue()
		}
	}
	return ""
}

func topics(admin *kadm.Client, topic string) {
	hour, two := "3600000", "7200000"
	_, err := admin.CreateTopic(ctx, 2, 1, map[string]*string{"retention.ms": &hour}, topic)
	must(err)
	listed, err := admin.ListTopics(ctx)
	must(err)
	emit("listed", listed.Has(topic))
	emit("partitions", len(listed[topic].Partitions))
	emit("retention", retention(admin, topic))
	_, err = admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{
		Op: kadm.SetConfig, Name: "retention.ms", Value: &two}}, topic)
	must(err)
	emit("altered", retention(admin, topic))
	_, err = admin.CreatePartitions(ctx, 1, topic)
	must(err)
	listed, err = admin.ListTopics(ctx, topic)
	must(err)
	emit("grown", len(listed[topic].Partitions))
}

func offsets(admin *kadm.Client, data string) {
	ends, err := admin.ListEndOffsets(ctx, data)
	must(err)
	first, _ := ends.Lookup(data, 0)
	second, _ := ends.Lookup(data, 1)
	emit("end_offsets", []int64{first.Offset, second.Offset})
	upTo := kadm.Offsets{}
	upTo.AddOffset(data, 0, 4, -1)
	_, err = admin.DeleteRecords(ctx, upTo)
	must(err)
	starts, err := admin.ListStartOffsets(ctx, data)
	must(err)
	first, _ = starts.Lookup(data, 0)
	emit("low_watermark", first.Offset)
}

func groups(admin *kadm.Client, group, data string) {
	commit := kadm.Offsets{}
	commit.AddOffset(data, 1, 7, -1)
	must(admin.CommitAllOffsets(ctx, group, commit))
	listed, err := admin.ListGroups(ctx)
	must(err)
	_, known := listed[group]
	emit("group_listed", known)
	described, err := admin.DescribeGroups(ctx, group)
	must(err)
	emit("group_state", described[group].State)
	kept, err := admin.FetchOffsets(ctx, group)
	must(err)
	offset, _ := kept.Lookup(data, 1)
	emit("group_offset", offset.At)
	_, err = admin.DeleteGroups(ctx, group)
	must(err)
	listed, err = admin.ListGroups(ctx)
	must(err)
	_, known = listed[group]
	emit("group_deleted", !known)
}

func cluster(admin *kadm.Client, data string) {
	brokers, err := admin.ListBrokers(ctx)
	must(err)
	emit("brokers", brokers.NodeIDs())
	dirs, err := admin.DescribeAllLogDirs(ctx, nil)
	must(err)
	emit("log_dirs", len(dirs[1]))
	partition := kadm.TopicsSet{}
	partition.Add(data, 0)
	elected, err := admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, partition)
	must(err)
	emit("election", code(elected[data][0].Err))
	moving, err := admin.ListPartitionReassignments(ctx, partition)
	must(err)
	emit("reassignments", len(moving))
	scram, err := admin.DescribeUserSCRAMs(ctx, "nobody")
	must(err)
	emit("scram", code(scram["nobody"].Err))
	rules := kadm.NewACLs().AnyResource().Allow().AllowHosts().Deny().DenyHosts().
		Operations(kadm.OpAny).ResourcePatternType(kadm.ACLPatternAny)
	described, err := admin.DescribeACLs(ctx, rules)
	must(err)
	emit("acls", code(described[0].Err))
}

func main() {
	defer cancel()
	options := map[string]string{}
	for _, word := range os.Args[2:] {
		name, value, _ := strings.Cut(word, "=")
		options[name] = value
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(options["bootstrap"]))
	must(err)
	admin := kadm.NewClient(client)
	defer admin.Close()
	topics(admin, options["topic"])
	offsets(admin, options["data"])
	groups(admin, options["group"], options["data"])
	cluster(admin, options["data"])
	_, err = admin.DeleteTopics(ctx, options["topic"])
	must(err)
	listed, err := admin.ListTopics(ctx)
	must(err)
	emit("deleted", !listed.Has(options["topic"]))
}
