import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Speaks the protocol with Kafka's own generated classes, so that both brokers are asked with the
 * same bytes and their answers are read by the same rules.
 *
 * <p>A line {"port": p, "api": key, "version": v, "request": {…}} is answered with
 * {"response": {…}}, {"closed": true} when the broker ended the connection, {"silent": true} when
 * nothing came within "wait" milliseconds, {"inexpressible": text} when the version has no field
 * for something in the request, or {"error": text} when the JSON does not fit.
 */
public final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<Integer, Socket> CONNECTIONS = new HashMap<>();
  private static int correlation = 0;

  private static Class<?> converter(ApiMessageType api, String kind) throws Exception {
    return Class.forName(
        "org.apache.kafka.common.message." + api.name + kind + "DataJsonConverter");
  }

  private static JsonNode toJson(ApiMessageType api, String kind, ApiMessage message, short version)
      throws Exception {
    return (JsonNode) converter(api, kind)
        .getMethod("write", message.getClass(), short.class, boolean.class)
        .invoke(null, message, version, true);
  }

  /** The request with the defaults of every top-level field that the case does not name. */
  private static ApiMessage request(ApiMessageType api, JsonNode given, short version)
      throws Exception {
    ObjectNode whole;
    try {
      whole = (ObjectNode) toJson(api, "Request", api.newRequest(), version);
    } catch (InvocationTargetException e) {
      whole = JSON.createObjectNode();
    }
    whole.setAll((ObjectNode) given);
    return (ApiMessage) converter(api, "Request").getMethod("read", JsonNode.class, short.class)
        .invoke(null, whole, version);
  }

  private static ByteBuffer frame(ApiMessageType api, ApiMessage body, short version, int id) {
    RequestHeaderData header = new RequestHeaderData().setRequestApiKey(api.apiKey())
        .setRequestApiVersion(version).setCorrelationId(id).setClientId("answer-oracle");
    short headerVersion = api.requestHeaderVersion(version);
    ObjectSerializationCache cache = new ObjectSerializationCache();
    int size = header.size(cache, headerVersion) + body.size(cache, version);
    ByteBuffer buffer = ByteBuffer.allocate(4 + size);
    buffer.putInt(size);
    ByteBufferAccessor out = new ByteBufferAccessor(buffer);
    header.write(out, cache, headerVersion);
    body.write(out, cache, version);
    return buffer.flip();
  }

  private static JsonNode receive(ApiMessageType api, Socket socket, short version, int id)
      throws Exception {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] raw = new byte[in.readInt()];
    in.readFully(raw);
    ByteBufferAccessor buffer = new ByteBufferAccessor(ByteBuffer.wrap(raw));
    ResponseHeaderData header = new ResponseHeaderData();
    header.read(buffer, api.responseHeaderVersion(version));
    if (header.correlationId() != id) {
      throw new IOException("correlation id " + header.correlationId() + " for " + id);
    }
    // A broker answers a version of ApiVersions that it does not know in version 0.
    short read = version;
    if (api == ApiMessageType.API_VERSIONS && raw.length >= 6
        && ByteBuffer.wrap(raw).getShort(4) == 35) {
      read = 0;
    }
    ApiMessage response = api.newResponse();
    response.read(buffer, read);
    if (buffer.remaining() > 0) {
      throw new IOException(buffer.remaining() + " bytes are left over");
    }
    return toJson(api, "Response", response, read);
  }

  private static ObjectNode ask(JsonNode asked) throws Exception {
    ObjectNode answer = JSON.createObjectNode();
    int port = asked.get("port").asInt();
    short version = (short) asked.get("version").asInt();
    ApiMessageType api = ApiMessageType.fromApiKey((short) asked.get("api").asInt());
    int id = ++correlation;
    ByteBuffer frame;
    try {
      short encoded = (short) asked.path("encode_as").asInt(version);
      ApiMessage body = request(api, asked.get("request"), encoded);
      frame = frame(api, body, encoded, id);
      frame.putShort(6, version);
    } catch (InvocationTargetException e) {
      return answer.put("error", String.valueOf(e.getCause()));
    } catch (UnsupportedVersionException e) {
      return answer.put("inexpressible", e.getMessage());
    }
    Socket socket = CONNECTIONS.get(port);
    if (socket == null) {
      socket = new Socket("127.0.0.1", port);
      socket.setTcpNoDelay(true);
      CONNECTIONS.put(port, socket);
    }
    socket.setSoTimeout(asked.path("wait").asInt(20000));
    try {
      socket.getOutputStream().write(frame.array());
      answer.set("response", receive(api, socket, version, id));
      return answer;
    } catch (SocketTimeoutException e) {
      answer.put("silent", true);
    } catch (EOFException e) {
      answer.put("closed", true);
    } catch (IOException | RuntimeException e) {
      boolean reset = String.valueOf(e.getMessage()).matches(".*([Rr]eset|[Pp]ipe).*");
      answer.put(reset ? "closed" : "error", reset ? "true" : e.toString());
      if (reset) {
        answer.put("closed", true);
      }
    }
    socket.close();
    CONNECTIONS.remove(port);
    return answer;
  }

  public static void main(String[] words) throws Exception {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(JSON.writeValueAsString(ask(JSON.readTree(line))));
      System.out.flush();
    }
  }
}
