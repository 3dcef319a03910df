import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's own command-line classes one after the other in one JVM, which saves their start-up.
 * A request line is {"class": name, "args": [words], "input": text}, the answer line is
 * {"exit": code, "out": text, "err": text}.
 */
public final class ToolHost {
  private static final class Ended extends RuntimeException {
    Ended(int code) {
      super("exit " + code);
    }
  }

  // A tool may catch its own exit and end once more with another code: its first word counts.
  private static Integer firstCode;

  private static void end(int code) {
    if (firstCode == null) {
      firstCode = code;
    }
    throw new Ended(code);
  }

  public static void main(String[] words) throws Exception {
    ObjectMapper json = new ObjectMapper();
    InputStream in = System.in;
    PrintStream out = System.out;
    PrintStream err = System.err;
    Exit.setExitProcedure((code, message) -> end(code));
    Exit.setHaltProcedure((code, message) -> end(code));
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode request = json.readTree(line);
      List<String> args = new ArrayList<>();
      request.get("args").forEach(a -> args.add(a.asText()));
      ByteArrayOutputStream toolOut = new ByteArrayOutputStream();
      ByteArrayOutputStream toolErr = new ByteArrayOutputStream();
      System.setOut(new PrintStream(toolOut, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(toolErr, true, StandardCharsets.UTF_8));
      System.setIn(new ByteArrayInputStream(
          request.get("input").asText().getBytes(StandardCharsets.UTF_8)));
      firstCode = null;
      int code = run(request.get("class").asText(), args.toArray(new String[0]));
      System.out.flush();
      System.setOut(out);
      System.setErr(err);
      out.println(json.writeValueAsString(Map.of(
          "exit", code, "out", toolOut.toString(StandardCharsets.UTF_8), "err",
          toolErr.toString(StandardCharsets.UTF_8))));
      out.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  private static int run(String name, String[] args) {
    try {
      Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) args);
      return firstCode == null ? 0 : firstCode;
    } catch (InvocationTargetException e) {
      if (firstCode != null) {
        return firstCode;
      }
      e.getCause().printStackTrace();
      return 1;
    } catch (ReflectiveOperationException e) {
      e.printStackTrace();
      return 1;
    }
  }
}
