import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The verb `send` of the driver over Apache Kafka's Java client (harness/driver.py). */
final class Sender {
  private Sender() {}

  private static byte[] raw(JsonNode node) {
    return node.isNull() ? null : Base64.getDecoder().decode(node.asText());
  }

  static void send(Map<String, String> o) throws Exception {
    ObjectMapper json = new ObjectMapper();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = Driver.producer(Driver.base(o))) {
      for (String line : Files.readAllLines(Path.of(o.get("records")))) {
        JsonNode r = json.readTree(line);
        ProducerRecord<byte[], byte[]> made =
            new ProducerRecord<>(o.get("topic"), raw(r.get("k")), raw(r.get("v")));
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
    Driver.emit(Map.of("sent", sent.size()));
  }
}
