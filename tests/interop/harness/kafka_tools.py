"""Apache Kafka's command-line classes, run in one JVM (drivers/ToolHost.java)."""
import json
import subprocess
import threading

from . import clients
from .broker import kafka_script
from .results import PATIENCE, CaseError

NAMES = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "configs": "kafka.admin.ConfigCommand",
    "dump-log": "org.apache.kafka.tools.DumpLogSegments",
    "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "transactions": "org.apache.kafka.tools.TransactionsCommand",
    "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "features": "org.apache.kafka.tools.FeatureCommand",
    "cluster": "org.apache.kafka.tools.ClusterTool",
    "acls": "org.apache.kafka.tools.AclCommand",
    "broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
    "leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
    "reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    "all-groups": "org.apache.kafka.tools.GroupsCommand",
    "verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "producer-perf": "org.apache.kafka.tools.ProducerPerformance",
    "consumer-perf": "org.apache.kafka.tools.ConsumerPerformance",
    "end-to-end-latency": "org.apache.kafka.tools.EndToEndLatency",
}


class KafkaTools:
    """`tools("topics", "--list")` gives (exit code, stdout, stderr)."""

    def __init__(self, bootstrap=None):
        self.bootstrap = bootstrap
        self.process = subprocess.Popen(clients.java_command("ToolHost"), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.noise = []
        threading.Thread(target=lambda: self.noise.extend(self.process.stderr),
                         daemon=True).start()

    def __call__(self, name, *args, data="", timeout=90):
        words = [str(a) for a in args]
        if self.bootstrap and name == "cluster":
            words += ["--bootstrap-server", self.bootstrap]  # an option of its subcommands
        elif self.bootstrap and name != "dump-log":
            words = ["--bootstrap-server", self.bootstrap, *words]
        timeout *= PATIENCE
        request = {"class": NAMES[name], "args": words, "input": data}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answers = []
        reader = threading.Thread(target=lambda: answers.append(self.process.stdout.readline()),
                                  daemon=True)
        reader.start()
        reader.join(timeout)
        if not answers or not answers[0]:
            self.close()
            raise CaseError(f"{name} {' '.join(words)}: no answer within {timeout} s\n"
                            f"{''.join(self.noise[-10:])}")
        answer = json.loads(answers[0])
        return answer["exit"], answer["out"], answer["err"]

    def alone(self, name, *args, timeout=90):
        """The output of a command in a JVM of its own: for those that go on after their main."""
        words = ["--bootstrap-server", self.bootstrap, *map(str, args)]
        done = subprocess.run(["bash", str(kafka_script()), "tool", NAMES[name], *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout * PATIENCE, check=False)
        if done.returncode != 0:
            raise CaseError(f"{name} {' '.join(words)} ended with {done.returncode}:\n"
                            f"{done.stdout}{done.stderr}")
        return done.stdout

    def good(self, name, *args, **options):
        """The output of a command that must succeed."""
        code, out, err = self(name, *args, **options)
        if code != 0:
            raise CaseError(f"{name} {' '.join(map(str, args))} ended with {code}:\n{out}{err}")
        return out

    def close(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
