package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/quartz-cluster/quartz/schema"
)

// wantedJob is a job of a document that was checked.
type wantedJob struct {
	place    string
	previous string
	row      schema.Job
	paused   *bool
	executes []wantedExecute
}

// wantedExecute is an execute of a document that was checked.
type wantedExecute struct {
	place    string
	previous string
	plan     plan
	paused   *bool
}

// documentCheck collects what is wrong with a document. Of objects that are known to
// be spoilt it does not say what they lack.
type documentCheck struct {
	mistakes []*FieldError
	spoilt   map[string]bool
}

// enough reports whether so many mistakes are known that the rest is not checked.
func (c *documentCheck) enough() bool { return len(c.mistakes) >= maxMistakes }

// add takes the mistakes in one object down.
func (c *documentCheck) add(place string, errs ...error) {
	for _, err := range errs {
		for _, m := range wrongAt(place, err) {
			if !c.spoilt[place] || !reflect.ValueOf(m.Value).IsZero() {
				c.mistakes = append(c.mistakes, m)
			}
		}
	}
}

// wrongAt returns the mistake that an error tells of, if it does, with its place.
func wrongAt(place string, err error) []*FieldError {
	var wrong *FieldError
	if !errors.As(err, &wrong) {
		return nil
	}
	at := strings.TrimPrefix(place+"."+wrong.Field, ".")
	return []*FieldError{{Field: at, Value: wrong.Value, Reason: wrong.Reason}}
}

// check checks a document that is for an app.
func (d Document) check(app string, spoilt map[string]bool) ([]wantedJob, []*FieldError) {
	c := documentCheck{spoilt: spoilt}
	c.add("", checkApp("app", app))
	c.names("jobs", len(d.Jobs), func(i int) (string, string) { return d.Jobs[i].Name, d.Jobs[i].PreviousName })
	var jobs []wantedJob
	for i, job := range d.Jobs {
		if c.enough() {
			break
		}
		jobs = append(jobs, c.job(fmt.Sprintf("jobs[%d]", i), app, job))
	}
	return jobs, c.mistakes
}

func (c *documentCheck) job(place, app string, job DocumentJob) wantedJob {
	want := wantedJob{place: place, previous: job.PreviousName, paused: job.Paused, row: schema.Job{
		Application: app, State: stateOf(job.Paused), Class: job.Class, Description: job.Description, Name: job.Name,
	}}
	var err error
	want.row.Data, err = documentData(job.Data)
	c.add(place, checkKey("class", job.Class, schema.MaxClass), checkDescription(job.Description), err)
	c.names(place+".executes", len(job.Executes), func(i int) (string, string) { return job.Executes[i].Name, job.Executes[i].PreviousName })
	for i, e := range job.Executes {
		if c.enough() {
			break
		}
		want.executes = append(want.executes, c.execute(place+"."+placeOf(i), e))
	}
	return want
}

// checkDescription leaves as many characters as the Java edition allows to the
// comparison, which knows whether they are in the row already.
func checkDescription(text string) error {
	most := schema.MaxDescription
	if utf8.RuneCountInString(text) <= most {
		most = len(text)
	}
	return checkText("description", text, most)
}

func (c *documentCheck) execute(place string, e DocumentExecute) wantedExecute {
	want := wantedExecute{place: place, previous: e.PreviousName, paused: e.Paused, plan: plan{
		policies: e.withDefaults(), row: schema.Execute{State: stateOf(e.Paused), Name: e.Name},
	}}
	var err error
	want.plan.row.Data, err = documentData(e.Data)
	c.add(place, err)
	p := want.plan.policies
	c.add(place, p.checkMisfire(), p.checkRun(), p.checkFailure(), p.checkPlace())
	p.write(&want.plan.row)
	if e.Schedule.Type == "" {
		c.add(place, invalid("schedule", "", "must have a cron expression, or an interval"))
		return want
	}
	e.Schedule.form = formFields
	if want.plan.columns, err = e.Schedule.columns(); err == nil && want.plan.columns.count > 0 && want.plan.columns.start == 0 {
		err = invalid("start", "", "must be given for what fires a number of times: it would begin again whenever its row is gone")
	}
	c.add(place+".schedule", err)
	return want
}

// names checks the names in a list of jobs or executes, and that each is that of one
// of them.
func (c *documentCheck) names(list string, n int, of func(i int) (name, previous string)) {
	place := func(i int) string { return fmt.Sprintf("%s[%d]", list, i) }
	first := map[string]int{}
	for i := n - 1; i >= 0; i-- {
		name, _ := of(i)
		first[name] = i
	}
	before := map[string]int{}
	for i := range n {
		if c.enough() {
			return
		}
		name, previous := of(i)
		c.add(place(i), checkKey("name", name, schema.MaxName), checkOptionalKey("previousName", previous, schema.MaxName))
		if name != "" && first[name] != i {
			c.add(place(i), invalid("name", name, "is the name of "+place(first[name])+", too"))
		}
		if previous == "" {
			continue
		}
		if other, taken := first[previous]; taken {
			c.add(place(i), invalid("previousName", previous, "is the name of "+place(other)))
		} else if other, taken := before[previous]; taken {
			c.add(place(i), invalid("previousName", previous, "is the previous name of "+place(other)+", too"))
		}
		before[previous] = i
	}
}

func stateOf(paused *bool) schema.State {
	if paused != nil && *paused {
		return schema.Paused
	}
	return schema.Executing
}

// documentData is the text of data in a document as a row holds it: without the line
// breaks of a file, and without the escapes that encoding/json puts into every text.
func documentData(data json.RawMessage) (string, error) {
	var short bytes.Buffer
	if json.Compact(&short, data) != nil {
		return encodeData(data)
	}
	return encodeData(unescaped.Replace(short.String()))
}

var unescaped = strings.NewReplacer(`\\`, `\\`, `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// sameData reports whether two texts of data say the same, however they write it.
func sameData(a, b string) bool { return a == b || canonical(a) == canonical(b) }

// canonical writes JSON in one way, and its numbers as they are given.
func canonical(text string) string {
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var value any
	if !json.Valid([]byte(text)) || in.Decode(&value) != nil {
		return text
	}
	if _, alone := value.(string); alone {
		return text // which dataText takes for JSON already
	}
	if out, err := dataText("data", value); err == nil && out != "" {
		return out
	}
	return text
}
