package member

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/quartz-cluster/quartz/schema"
)

// Reply is how a command is answered.
type Reply struct {
	Ready bool   // false: ask again with the next heartbeat
	Error string // why it was not done
	Then  func() // called once the answer stands; may be nil
}

// doubt is an answer of which it is not known whether it was written.
type doubt struct {
	ack     string
	command schema.Command
	reply   Reply
}

// obey does what stands in the node's row and answers it. Until the answer is
// written the command stays, and is obeyed again: each of them can be.
func (m *Membership) obey(ctx context.Context, text string, now int64) error {
	if m.doubt != nil {
		if err := m.settle(ctx); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	var command schema.Command
	reply := Reply{Ready: true}
	if err := json.Unmarshal([]byte(text), &command); err != nil {
		reply.Error = "not a command: " + err.Error()
	} else {
		reply = m.cfg.Obey(command)
	}
	if !reply.Ready {
		return nil
	}
	ack, _ := json.Marshal(schema.Ack{ID: clip(command.ID), Verb: schema.Verb(clip(string(command.Verb))), At: now, Error: clip(reply.Error)})
	answered, err := m.cfg.Store.Answer(ctx, m.reg, text, string(ack))
	switch {
	case err != nil:
		m.doubt = &doubt{string(ack), command, reply}
	case answered: // else somebody has put another command in its place
		m.answered(ctx, command, reply)
	}
	return err
}

// settle finds out whether an answer was written after all: nobody sees the command
// again then, and what was to follow the answer is still to be done.
func (m *Membership) settle(ctx context.Context) error {
	written, err := m.cfg.Store.Answered(ctx, m.reg, m.doubt.ack)
	if err != nil {
		return err
	}
	d := m.doubt
	m.doubt = nil
	if written {
		m.answered(ctx, d.command, d.reply)
	}
	return nil
}

func (m *Membership) answered(ctx context.Context, command schema.Command, reply Reply) {
	said := string(command.Verb)
	if reply.Error != "" {
		said = strings.TrimSpace(said + ": " + reply.Error)
	}
	m.note(ctx, schema.AppEvent{Kind: schema.EventAnswer, By: command.By, Text: said})
	if reply.Then != nil {
		reply.Then()
	}
}

// clip keeps an answer within its column, whatever the command was.
func clip(text string) string {
	const most = 200
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
