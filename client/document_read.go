package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ReadDocument reads a document from JSON and checks all of it that can be checked
// without a database. What is wrong is a *[DocumentError], which names every place:
// jobs[2].executes[0].schedule.cron. A field that is unknown, or given twice, is
// wrong, too. The type of a schedule can be left out.
func ReadDocument(data []byte) (*Document, error) {
	r := documentReader{spoilt: map[string]bool{}}
	doc := r.document(data)
	_, mistakes := doc.check(doc.App, r.spoilt)
	if err := documentError(append(r.mistakes, mistakes...)); err != nil {
		return nil, err
	}
	return &doc, nil
}

// documentReader collects what is wrong on the way.
type documentReader struct {
	mistakes []*FieldError
	// spoilt are the places of objects that have mistakes: what they seem to lack may
	// be there, and wrong.
	spoilt map[string]bool
}

// enough reports whether so many mistakes are known that the rest is not read.
func (r *documentReader) enough() bool { return len(r.mistakes) >= maxMistakes }

func (r *documentReader) wrong(place string, data json.RawMessage, reason string) {
	value := string(data)
	_ = json.Unmarshal(data, &value) // a text goes without its quotes
	r.mistakes = append(r.mistakes, &FieldError{Field: cmp.Or(place, "document"), Value: value, Reason: reason})
}

func (r *documentReader) document(data []byte) (doc Document) {
	var whole json.RawMessage
	err := json.Unmarshal(data, &whole)
	if err == nil && !utf8.Valid(data) {
		err = errors.New("is not valid UTF-8")
	}
	if err != nil {
		near, reason := syntax(data, err)
		r.wrong("", near, reason)
		r.spoilt[""] = true
		return doc
	}
	r.object("", whole, map[string]any{
		"app":  &doc.App,
		"jobs": r.each(func(place string, data json.RawMessage) { doc.Jobs = append(doc.Jobs, r.job(place, data)) }),
	})
	return doc
}

func (r *documentReader) job(place string, data json.RawMessage) (job DocumentJob) {
	r.object(place, data, map[string]any{
		"name": &job.Name, "previousName": &job.PreviousName, "class": &job.Class, "description": &job.Description,
		"data": &job.Data, "paused": &job.Paused,
		"executes": r.each(func(place string, data json.RawMessage) { job.Executes = append(job.Executes, r.execute(place, data)) }),
	})
	return job
}

func (r *documentReader) execute(place string, data json.RawMessage) DocumentExecute {
	var in documentExecuteJSON
	var interval durationText
	r.object(place, data, map[string]any{
		"name": &in.Name, "previousName": &in.PreviousName, "data": &in.Data, "paused": &in.Paused,
		"schedule": func(place string, data json.RawMessage) {
			s := &in.Schedule
			r.object(place, data, map[string]any{
				"type": &s.Type, "cron": &s.Cron, "zone": &s.Zone, "interval": &interval, "count": &s.Count, "start": &s.Start, "end": &s.End,
			})
		},
		"misfire": &in.Misfire, "catchUp": &in.CatchUp, "deadline": &in.Deadline,
		"overlap": &in.Overlap, "overlapMax": &in.OverlapMax, "timeout": &in.Timeout, "priority": &in.Priority,
		"retryMax": &in.RetryMax, "retryDelay": &in.RetryDelay, "retryCap": &in.RetryCap,
		"pauseAfter": &in.PauseAfter, "recover": &in.Recover, "runOn": &in.RunOn, "targets": &in.Targets,
	})
	s := Schedule{
		Type: in.Schedule.Type, Cron: in.Schedule.Cron, Zone: in.Schedule.Zone, Interval: time.Duration(interval),
		Count: in.Schedule.Count, Start: in.Schedule.Start, End: in.Schedule.End,
	}
	if s.Type == "" {
		s.Type = s.inferred()
	}
	return DocumentExecute{
		Name: in.Name, PreviousName: in.PreviousName, Schedule: s, Data: in.Data, Paused: in.Paused,
		Policies: Policies{
			Misfire: in.Misfire, CatchUp: in.CatchUp, Deadline: time.Duration(in.Deadline),
			Overlap: in.Overlap, OverlapMax: in.OverlapMax, Timeout: time.Duration(in.Timeout), Priority: in.Priority,
			RetryMax: in.RetryMax, RetryDelay: time.Duration(in.RetryDelay), RetryCap: time.Duration(in.RetryCap),
			PauseAfter: in.PauseAfter, Recover: in.Recover, RunOn: in.RunOn, Targets: in.Targets,
		},
	}
}

// object reads the fields of an object, each into a variable or by a function. One
// that is null is one that is left out.
func (r *documentReader) object(place string, data json.RawMessage, fields map[string]any) {
	in := json.NewDecoder(bytes.NewReader(data))
	if open, _ := in.Token(); open != json.Delim('{') {
		r.spoilt[place] = true
		r.wrong(place, data, "must be an object: "+strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		return
	}
	if !in.More() {
		r.spoilt[place] = true
		r.wrong(place, data, "is empty")
		return
	}
	given := map[string]bool{}
	for in.More() && !r.enough() {
		key, _ := in.Token() // the text as a whole is valid
		name, _ := key.(string)
		var value json.RawMessage
		_ = in.Decode(&value)
		at := strings.TrimPrefix(place+"."+name, ".")
		into, known := fields[name]
		switch {
		case !known:
			r.spoilt[place] = true
			r.wrong(at, value, "is no field here, which are "+strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		case given[name]:
			r.wrong(at, value, "is given twice")
		case string(value) == "null":
		default:
			if read, nested := into.(func(place string, data json.RawMessage)); nested {
				read(at, value)
			} else if !r.value(at, value, into) {
				r.spoilt[place] = true
			}
		}
		given[name] = true
	}
}

// value reads a value into a variable, and reports whether it can be one.
func (r *documentReader) value(place string, data json.RawMessage, into any) bool {
	if json.Unmarshal(data, into) == nil {
		return true
	}
	must := "a text"
	switch into.(type) {
	case *int, *int64:
		must = "a whole number"
	case **bool:
		must = "true or false"
	case *durationText:
		must = "a duration such as 5s or 1h30m"
	case *time.Time:
		must = "a time such as 2027-01-31T08:00:00Z"
	case *[]string:
		must = "a list of texts"
	}
	r.wrong(place, data, "must be "+must)
	return false
}

// each reads a list.
func (r *documentReader) each(read func(place string, data json.RawMessage)) func(place string, data json.RawMessage) {
	return func(place string, data json.RawMessage) {
		var items []json.RawMessage
		if json.Unmarshal(data, &items) != nil {
			r.wrong(place, data, "must be a list")
			return
		}
		for i, item := range items {
			if r.enough() {
				return
			}
			read(fmt.Sprintf("%s[%d]", place, i), item)
		}
	}
}

// syntax says where a text stops to be JSON.
func syntax(data []byte, err error) (near []byte, reason string) {
	at := len(data)
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		at = int(wrong.Offset)
	}
	read := data[:min(at, len(data))]
	line := bytes.Count(read, []byte("\n")) + 1
	lastLine := read[bytes.LastIndexByte(read, '\n')+1:]
	return lastLine, fmt.Sprintf("is no JSON at line %d, column %d: %v", line, len(lastLine), err)
}
