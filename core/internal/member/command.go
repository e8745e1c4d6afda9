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

// obey does what stands in the node's row and answers it. Until the answer is
// written the command stays, and is obeyed again: each of them can be.
func (m *Membership) obey(ctx context.Context, text string, now int64) error {
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
	if err != nil || !answered { // not: somebody has put another command in its place
		return err
	}
	said := string(command.Verb)
	if reply.Error != "" {
		said = strings.TrimSpace(said + ": " + reply.Error)
	}
	m.note(ctx, schema.AppEvent{Kind: schema.EventAnswer, By: command.By, Text: said})
	if reply.Then != nil {
		reply.Then()
	}
	return nil
}

// clip keeps an answer within its column, whatever the command was.
func clip(text string) string {
	const most = 200
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
