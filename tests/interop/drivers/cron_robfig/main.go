// Lines "spec TAB zone TAB from TAB count" on stdin; for each a line on stdout: the next times of
// robfig/cron in seconds since 1970, "none", or "refused: why". Of six fields the first is seconds.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

func answer(line string) (text string) {
	defer func() {
		if fault := recover(); fault != nil {
			text = fmt.Sprint("panic: ", fault)
		}
	}()
	words := strings.Split(line, "\t")
	from, _ := strconv.ParseInt(words[2], 10, 64)
	count, _ := strconv.Atoi(words[3])
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month |
		cron.Dow | cron.Descriptor)
	schedule, err := parser.Parse(words[0])
	if err != nil {
		return "refused: " + err.Error()
	}
	zone, err := time.LoadLocation(words[1])
	if err != nil {
		return "refused: " + err.Error()
	}
	var times []string
	for at := time.Unix(from, 0).In(zone); len(times) < count; {
		at = schedule.Next(at)
		if at.IsZero() {
			break
		}
		times = append(times, strconv.FormatInt(at.Unix(), 10))
	}
	if len(times) == 0 {
		return "none"
	}
	return strings.Join(times, " ")
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
