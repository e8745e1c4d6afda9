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
	text    string // what it answers, as it stood in the node's row
	ack     string
	command schema.Command
	reply   Reply
}

// obey does what stands in the node's row and answers it. Until the answer is
// written the command stays, and is obeyed again: each of them can be.
func (m *Membership) obey(ctx context.Context, text string, now int64) error {
	if m.doubt != nil {
		if err := m.settle(ctx, text); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	d := m.doubt // in the same words: what was sent before may yet be written
	if d == nil {
		if d = m.answer(text, now); !d.reply.Ready {
			return nil
		}
	}
	answered, err := m.cfg.Store.Answer(ctx, m.reg, text, d.ack)
	switch {
	case err != nil:
		m.doubt = d
	case answered:
		m.doubt = nil
		m.answered(ctx, d.command, d.reply)
	} // else an earlier try came first, or somebody has put another command in its place
	return err
}

// answer does what a command asks for.
func (m *Membership) answer(text string, now int64) *doubt {
	d := &doubt{text: text, reply: Reply{Ready: true}}
	if err := json.Unmarshal([]byte(text), &d.command); err != nil {
		d.reply.Error = "not a command: " + err.Error()
	} else {
		d.reply = m.cfg.Obey(d.command)
	}
	ack, _ := json.Marshal(schema.Ack{ID: clip(d.command.ID), Verb: schema.Verb(clip(string(d.command.Verb))), At: now, Error: clip(d.reply.Error)})
	d.ack = string(ack)
	return d
}

// settle finds out whether an answer was written after all: nobody sees the command
// again then, and what was to follow the answer is still to be done. Once another text
// stands in its place it never will be.
func (m *Membership) settle(ctx context.Context, text string) error {
	d := m.doubt
	written, err := m.cfg.Store.Answered(ctx, m.reg, d.ack)
	if err != nil {
		return err
	}
	if written || text != d.text {
		m.doubt = nil
	}
	if written {
		m.answered(ctx, d.command, d.reply)
	}
	return nil
}

// lose does what was to follow an answer that is in doubt when the registration ends.
// Whoever waits for it takes the end of the registration for the answer, too.
func (m *Membership) lose() {
	if m.doubt != nil && m.doubt.reply.Then != nil {
		m.doubt.reply.Then()
	}
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
