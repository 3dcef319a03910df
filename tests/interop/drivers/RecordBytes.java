import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Writes persisted records with Kafka's own generated classes: a line {"record": name,
 * "version": v, "fields": {…}} is answered with the bytes in hexadecimal.
 */
public final class RecordBytes {
  private static final List<String> PACKAGES = List.of(
      "org.apache.kafka.common.message.", "org.apache.kafka.common.metadata.",
      "org.apache.kafka.coordinator.group.generated.",
      "org.apache.kafka.coordinator.transaction.generated.");

  private static Class<?> converter(String record) throws ClassNotFoundException {
    for (String place : PACKAGES) {
      try {
        return Class.forName(place + record + "JsonConverter");
      } catch (ClassNotFoundException e) {
        continue;
      }
    }
    throw new ClassNotFoundException("none of " + PACKAGES + " has " + record);
  }

  private static byte[] bytesOf(JsonNode asked) throws Exception {
    short version = (short) asked.get("version").asInt();
    Message record = (Message) converter(asked.get("record").asText())
        .getMethod("read", JsonNode.class, short.class)
        .invoke(null, asked.get("fields"), version);
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(record.size(cache, version));
    record.write(new ByteBufferAccessor(buffer), cache, version);
    return buffer.array();
  }

  public static void main(String[] words) throws Exception {
    ObjectMapper json = new ObjectMapper();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(HexFormat.of().formatHex(bytesOf(json.readTree(line))));
    }
  }
}
