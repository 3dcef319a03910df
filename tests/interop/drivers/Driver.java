import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Driver over Apache Kafka's Java client (verbs and output: harness/driver.py). */
public final class Driver {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PrintStream OUT = new PrintStream(System.out, false);

  static synchronized void emit(Map<String, ?> value) {
    try {
      OUT.println(JSON.writeValueAsString(value));
      OUT.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] raw(JsonNode node) {
    return node.isNull() ? null : Base64.getDecoder().decode(node.asText());
  }

  private static String text(byte[] raw) {
    return raw == null ? null : Base64.getEncoder().encodeToString(raw);
  }

  static Map<String, Object> base(Map<String, String> o) {
    return new HashMap<>(Map.of("bootstrap.servers", o.get("bootstrap")));
  }

  static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    return new KafkaProducer<>(more, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> more) {
    more.putIfAbsent("auto.offset.reset", "earliest");
    more.put("enable.auto.commit", "false");
    return new KafkaConsumer<>(more, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static void produce(Map<String, String> o, String topic, String codec,
      List<JsonNode> records) throws Exception {
    Map<String, Object> config = base(o);
    config.put("compression.type", codec);
    config.put("linger.ms", "20");
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = producer(config)) {
      for (JsonNode r : records) {
        ProducerRecord<byte[], byte[]> made = new ProducerRecord<>(
            topic, r.get("p").asInt(), r.get("t").asLong(), raw(r.get("k")), raw(r.get("v")));
        for (JsonNode h : r.get("h")) {
          made.headers().add(h.get(0).asText(), raw(h.get(1)));
        }
        sent.add(producer.send(made));
      }
      producer.flush();
      for (Future<RecordMetadata> f : sent) {
        f.get();
      }
    }
  }

  private static void read(Map<String, String> o, String topic, String codec, int left) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(base(o))) {
      List<TopicPartition> all = new ArrayList<>();
      for (int p = 0; p < 3; p++) {
        all.add(new TopicPartition(topic, p));
      }
      consumer.assign(all);
      while (left > 0) {
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofSeconds(1))) {
          List<List<String>> headers = new ArrayList<>();
          for (Header h : r.headers()) {
            List<String> pair = new ArrayList<>();
            pair.add(h.key());
            pair.add(text(h.value()));
            headers.add(pair);
          }
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("codec", codec);
          line.put("p", r.partition());
          line.put("o", r.offset());
          line.put("t", r.timestamp());
          line.put("k", text(r.key()));
          line.put("v", text(r.value()));
          line.put("h", headers);
          emit(line);
          left--;
        }
      }
    }
  }

  private static void roundtrip(Map<String, String> o) throws Exception {
    List<JsonNode> records = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(o.get("records")))) {
      records.add(JSON.readTree(line));
    }
    try (Admin admin = Admin.create(base(o))) {
      for (String codec : o.get("codecs").split(",")) {
        String topic = o.get("prefix") + "-" + codec;
        admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
        emit(Map.of("created", topic));
        produce(o, topic, codec, records);
        read(o, topic, codec, records.size());
        emit(Map.of("read", codec));
      }
    }
  }

  private static final class Teller implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Teller(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      TreeSet<Integer> owned = new TreeSet<>();
      for (TopicPartition tp : consumer.assignment()) {
        owned.add(tp.partition());
      }
      emit(Map.of("assigned", owned));
    }
  }

  private static final Map<String, Class<?>> ASSIGNORS =
      Map.of("range", RangeAssignor.class, "roundrobin", RoundRobinAssignor.class, "sticky",
          StickyAssignor.class, "cooperative-sticky", CooperativeStickyAssignor.class);

  private static void member(Map<String, String> o) throws Exception {
    Map<String, Object> config = base(o);
    config.put("group.id", o.get("group"));
    config.put("session.timeout.ms", "6000");
    config.put("heartbeat.interval.ms", "1000");
    config.put("partition.assignment.strategy",
        ASSIGNORS.get(o.getOrDefault("assignor", "range")).getName());
    KafkaConsumer<byte[], byte[]> consumer = consumer(config);
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      consumer.wakeup();
      try {
        main.join(20000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      // The JVM would end with 143 after SIGTERM; an orderly leave counts as success here.
      Runtime.getRuntime().halt(0);
    }));
    consumer.subscribe(List.of(o.get("topic")), new Teller(consumer));
    try {
      while (true) {
        TreeMap<String, Long> ends = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(200))) {
          emit(Map.of("p", r.partition(), "o", r.offset(), "v", new String(r.value())));
          ends.put(Integer.toString(r.partition()), r.offset() + 1);
        }
        if (!ends.isEmpty()) {
          commit(consumer, ends);
        }
      }
    } catch (WakeupException e) {
      consumer.close();
    }
  }

  private static void commit(KafkaConsumer<byte[], byte[]> consumer, TreeMap<String, Long> ends) {
    try {
      consumer.commitSync();
      emit(Map.of("committed", ends));
    } catch (CommitFailedException | RebalanceInProgressException e) {
      // The group moved on: whoever owns the partitions now reads the records again.
      System.err.println(e.getMessage());
    }
  }

  private static void committed(Map<String, String> o) throws Exception {
    TreeMap<String, Long> found = new TreeMap<>();
    try (Admin admin = Admin.create(base(o))) {
      Map<TopicPartition, OffsetAndMetadata> offsets = admin
          .listConsumerGroupOffsets(o.get("group")).partitionsToOffsetAndMetadata().get();
      offsets.forEach((tp, at) -> {
        if (at != null && tp.topic().equals(o.get("topic"))) {
          found.put(Integer.toString(tp.partition()), at.offset());
        }
      });
    }
    emit(Map.of("committed", found));
  }

  private static void stream(Map<String, String> o) throws Exception {
    int window = Integer.parseInt(o.get("window"));
    int batch = Integer.parseInt(o.getOrDefault("batch", "40"));
    Map<String, Object> config = base(o);
    config.put("max.in.flight.requests.per.connection", window);
    config.put("batch.size", Integer.toString(25 * batch));
    config.put("delivery.timeout.ms", "300000");
    config.put("request.timeout.ms", "10000");
    config.put("reconnect.backoff.max.ms", "500");
    AtomicBoolean closed = new AtomicBoolean();
    Thread watcher = new Thread(() -> {
      try {
        System.in.transferTo(PrintStream.nullOutputStream());
      } catch (IOException e) {
        System.err.println(e.getMessage());
      }
      closed.set(true);
    });
    watcher.setDaemon(true);
    watcher.start();
    AtomicLong acked = new AtomicLong();
    Semaphore slots = new Semaphore(window * 2 * batch);
    try (KafkaProducer<byte[], byte[]> producer = producer(config)) {
      for (long sent = 0; !closed.get(); sent++) {
        if (sent % 20 == 0) {
          Thread.sleep(2);
        }
        slots.acquire();
        producer.send(new ProducerRecord<>(o.get("topic"), 0, null,
            Long.toString(sent).getBytes()), (metadata, error) -> {
              if (error != null) {
                System.err.println("not delivered: " + error);
                Runtime.getRuntime().halt(1);
              }
              slots.release();
              if (acked.incrementAndGet() % 100 == 0) {
                emit(Map.of("acked", acked.get()));
              }
            });
      }
    }
    emit(Map.of("done", acked.get()));
  }

  public static void main(String[] words) throws Exception {
    Map<String, String> o = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      int at = words[i].indexOf('=');
      o.put(words[i].substring(0, at), words[i].substring(at + 1));
    }
    switch (words.length > 0 ? words[0] : "") {
      case "roundtrip" -> roundtrip(o);
      case "member" -> member(o);
      case "committed" -> committed(o);
      case "stream" -> stream(o);
      case "transact" -> Transactions.transact(o);
      case "isolated" -> Transactions.isolated(o);
      case "copy" -> Transactions.copy(o);
      case "fence" -> Transactions.fence(o);
      case "churn" -> Chaos.churn(o);
      case "relay" -> Chaos.relay(o);
      case "send" -> Sender.send(o);
      default -> throw new IllegalArgumentException("usage: Driver VERB key=value …");
    }
  }
}
