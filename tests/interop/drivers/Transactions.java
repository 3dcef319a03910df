import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The transactional verbs of the driver over Apache Kafka's Java client (harness/driver.py). */
final class Transactions {
  private static final int PARTITIONS = 3;

  private Transactions() {}

  private static KafkaProducer<byte[], byte[]> producer(Map<String, String> o) {
    Map<String, Object> config = Driver.base(o);
    config.put("transactional.id", o.get("id"));
    config.put("transaction.timeout.ms", o.getOrDefault("timeout", "60000"));
    config.put("linger.ms", "1");
    KafkaProducer<byte[], byte[]> made = Driver.producer(config);
    made.initTransactions();
    return made;
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition, byte[] value) {
    return new ProducerRecord<>(topic, partition, null, value);
  }

  static void transact(Map<String, String> o) {
    int count = Integer.parseInt(o.get("count"));
    try (KafkaProducer<byte[], byte[]> producer = producer(o)) {
      for (int n = 0; n < count; n++) {
        producer.beginTransaction();
        for (int p = 0; p < PARTITIONS; p++) {
          producer.send(record(o.get("topic"), p, Integer.toString(n).getBytes()));
        }
        if (n % 3 == 0) {
          producer.flush();
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
        }
      }
    }
    Driver.emit(Map.of("ended", count));
  }

  static void isolated(Map<String, String> o) {
    Map<String, Object> config = Driver.base(o);
    config.put("isolation.level", o.get("level"));
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = Driver.consumer(config)) {
      List<TopicPartition> all = new ArrayList<>();
      for (int p = 0; p < PARTITIONS; p++) {
        all.add(new TopicPartition(o.get("topic"), p));
      }
      consumer.assign(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (!all.stream().allMatch(tp -> consumer.position(tp) >= ends.get(tp))) {
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(500))) {
          values.add(new String(r.value()));
        }
      }
    }
    Driver.emit(Map.of("values", values));
  }

  static void copy(Map<String, String> o) {
    int count = Integer.parseInt(o.get("count"));
    Map<String, Object> config = Driver.base(o);
    config.put("isolation.level", "read_committed");
    config.put("group.id", o.get("group"));
    int copied = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = Driver.consumer(config);
        KafkaProducer<byte[], byte[]> producer = producer(o)) {
      consumer.subscribe(List.of(o.get("source")));
      while (copied < count) {
        ConsumerRecords<byte[], byte[]> batch = consumer.poll(Duration.ofSeconds(1));
        if (batch.isEmpty()) {
          continue;
        }
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> r : batch) {
          producer.send(record(o.get("topic"), r.partition(), r.value()));
          ends.put(new TopicPartition(r.topic(), r.partition()),
              new OffsetAndMetadata(r.offset() + 1));
        }
        producer.sendOffsetsToTransaction(ends, consumer.groupMetadata());
        producer.commitTransaction();
        copied += batch.count();
      }
    }
    Driver.emit(Map.of("copied", copied));
  }

  static void fence(Map<String, String> o) {
    KafkaProducer<byte[], byte[]> old = producer(o);
    old.beginTransaction();
    old.send(record(o.get("topic"), 0, "zombie".getBytes()));
    old.flush();
    try (KafkaProducer<byte[], byte[]> fresh = producer(o)) {
      fresh.beginTransaction();
      fresh.send(record(o.get("topic"), 0, "alive".getBytes()));
      fresh.commitTransaction();
    }
    Map<String, Object> said = new HashMap<>();
    said.put("fenced", null);
    try {
      old.commitTransaction();
    } catch (KafkaException e) {
      said.put("fenced", e.getClass().getSimpleName());
    }
    Driver.emit(said);
    old.close(Duration.ZERO);
  }
}
