import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;

/** The verbs of the chaos suite over Apache Kafka's Java client (tests/crash/chaos.py). */
final class Chaos {
  private static volatile boolean closed;

  private Chaos() {}

  private static void watchInput() {
    Thread watcher = new Thread(() -> {
      try {
        System.in.transferTo(PrintStream.nullOutputStream());
      } catch (IOException e) {
        System.err.println(e);
      }
      closed = true;
    });
    watcher.setDaemon(true);
    watcher.start();
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, String> o, String id) {
    Map<String, Object> config = Driver.base(o);
    config.put("transactional.id", id);
    config.put("transaction.timeout.ms", o.get("timeout"));
    config.put("linger.ms", "1");
    config.put("request.timeout.ms", "5000");
    config.put("delivery.timeout.ms", "60000");
    config.put("max.block.ms", "20000");
    config.put("reconnect.backoff.max.ms", "500");
    return Driver.producer(config);
  }

  /** What timed out may be called again: the producer goes on with the same request. */
  private static void persist(Runnable call) {
    for (int left = 6;; left--) {
      try {
        call.run();
        return;
      } catch (TimeoutException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  private static boolean fenced(Throwable e) {
    return e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException
        || (e.getCause() != null && fenced(e.getCause()));
  }

  private static void transaction(KafkaProducer<byte[], byte[]> made, Map<String, String> o,
      String label) {
    ThreadLocalRandom dice = ThreadLocalRandom.current();
    int count = dice.nextInt(1, 9);
    made.beginTransaction();
    for (int n = 0; n < count; n++) {
      made.send(new ProducerRecord<>(o.get("topic"),
          dice.nextInt(Integer.parseInt(o.get("partitions"))), null,
          (label + " " + n + " " + count).getBytes()));
    }
    if (dice.nextInt(5) == 0) {
      persist(made::abortTransaction);
      Driver.emit(Map.of("aborted", label));
    } else {
      Driver.emit(Map.of("trying", label));
      persist(made::commitTransaction);
      Driver.emit(Map.of("committed", label));
    }
  }

  /** One producer's life; true when it was fenced. */
  private static boolean live(Map<String, String> o, String id) throws InterruptedException {
    String nonce = UUID.randomUUID().toString().substring(0, 8);
    KafkaProducer<byte[], byte[]> made = producer(o, id);
    try {
      persist(made::initTransactions);
      for (int serial = 1; !closed; serial++) {
        String label = id + "-" + nonce + "-" + serial;
        try {
          transaction(made, o, label);
        } catch (KafkaException e) {
          System.err.println(label + ": " + e);
          if (fenced(e)) {
            return true;
          }
          persist(made::abortTransaction);
          Driver.emit(Map.of("aborted", label));
        }
        Thread.sleep(ThreadLocalRandom.current().nextInt(10));
      }
    } catch (KafkaException e) {
      System.err.println("a new producer after " + e);
      return fenced(e);
    } finally {
      made.close(Duration.ZERO);
    }
    return false;
  }

  static void churn(Map<String, String> o) throws InterruptedException {
    watchInput();
    List<Thread> threads = new ArrayList<>();
    for (String id : o.get("ids").split(",")) {
      Thread one = new Thread(() -> {
        try {
          while (!closed) {
            if (live(o, id)) {
              Driver.emit(Map.of("fenced", id));
              return;
            }
          }
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      });
      one.start();
      threads.add(one);
    }
    for (Thread one : threads) {
      one.join();
    }
  }

  private static void relayBatch(Map<String, String> o, KafkaConsumer<byte[], byte[]> consumer,
      KafkaProducer<byte[], byte[]> made) {
    ConsumerRecords<byte[], byte[]> batch = consumer.poll(Duration.ofMillis(200));
    if (batch.isEmpty()) {
      return;
    }
    made.beginTransaction();
    Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> r : batch) {
      made.send(new ProducerRecord<>(o.get("topic"), r.partition(), null, r.value()));
      ends.put(new TopicPartition(r.topic(), r.partition()),
          new OffsetAndMetadata(r.offset() + 1));
    }
    persist(() -> made.sendOffsetsToTransaction(ends, consumer.groupMetadata()));
    persist(made::commitTransaction);
    Driver.emit(Map.of("copied", batch.count()));
  }

  /** Until something fails: what is behind it is then read again from the committed offsets. */
  private static void relayLife(Map<String, String> o) {
    Map<String, Object> config = Driver.base(o);
    config.put("isolation.level", "read_committed");
    config.put("group.id", o.get("group"));
    config.put("group.instance.id", o.get("id"));
    config.put("session.timeout.ms", "10000");
    config.put("heartbeat.interval.ms", "1000");
    config.put("max.poll.records", "50");
    config.put("fetch.max.wait.ms", "100");
    config.put("request.timeout.ms", "5000");
    config.put("reconnect.backoff.max.ms", "500");
    KafkaProducer<byte[], byte[]> made = producer(o, o.get("id"));
    try (KafkaConsumer<byte[], byte[]> consumer = Driver.consumer(config)) {
      persist(made::initTransactions);
      consumer.subscribe(List.of(o.get("source")));
      while (!closed) {
        relayBatch(o, consumer, made);
      }
    } catch (KafkaException e) {
      System.err.println("a new relay after " + e);
      try {
        persist(made::abortTransaction);
      } catch (KafkaException | IllegalStateException again) {
        System.err.println("cannot abort: " + again);
      }
    } finally {
      made.close(Duration.ZERO);
    }
  }

  static void relay(Map<String, String> o) {
    watchInput();
    while (!closed) {
      relayLife(o);
    }
  }
}
