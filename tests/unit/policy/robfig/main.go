// What the parser of Velero's schedules makes of expressions: a line of input gives a line of the table, with the
// expression, a moment, and the next three firings after it, or none where it cannot be read. Where the parser never
// answers there is no line.
//
//	python expressions.py | go run . > ../robfig.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

type row struct {
	Expression string      `json:"expression"`
	After      time.Time   `json:"after"`
	Fires      []time.Time `json:"fires"`
}

// fires gives nil for what the parser refuses, also by a panic (a zone and nothing behind it).
func fires(expression string, after time.Time) (found []time.Time) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	schedule, err := cron.ParseStandard(expression)
	if err != nil {
		return nil
	}
	found = []time.Time{}
	for range 3 {
		if after = schedule.Next(after); after.IsZero() {
			break
		}
		found = append(found, after.UTC())
	}
	return found
}

func main() {
	lines, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked row
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		done := make(chan []time.Time, 1)
		go func() { done <- fires(asked.Expression, asked.After) }()
		select {
		case asked.Fires = <-done:
		case <-time.After(2 * time.Second): // it looks for a midnight that the clock skips, for ever
			continue
		}
		if err := out.Encode(asked); err != nil {
			panic(err)
		}
	}
}
