import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.text.ParseException;
import java.util.Date;
import java.util.TimeZone;
import org.quartz.CronExpression;

/** Lines "spec TAB zone TAB from TAB count" on stdin; for each the next times of Quartz. */
public class QuartzTimes {
  private static String answer(String[] words) {
    CronExpression cron;
    try {
      cron = new CronExpression(words[0]);
    } catch (ParseException | RuntimeException e) {
      return "refused: " + String.valueOf(e.getMessage()).replace('\n', ' ');
    }
    cron.setTimeZone(TimeZone.getTimeZone(words[1]));
    StringBuilder times = new StringBuilder();
    Date at = new Date(Long.parseLong(words[2]) * 1000);
    for (int left = Integer.parseInt(words[3]); left > 0; left--) {
      at = cron.getNextValidTimeAfter(at);
      if (at == null) break;
      times.append(times.length() == 0 ? "" : " ").append(at.getTime() / 1000);
    }
    return times.length() == 0 ? "none" : times.toString();
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(answer(line.split("\t", -1)));
    }
  }
}
