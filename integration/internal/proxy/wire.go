package proxy

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// next reads what a client sends up to where it waits for an answer, and tells
// the text of the statement that is executed by it, if it is one.
type next func(in *bufio.Reader) (sent []byte, text string, err error)

// reader returns the next of one connection.
type reader func() next

var readers = map[testdb.Kind]reader{
	testdb.Postgres: postgres,
	testdb.MariaDB:  mysql,
	testdb.MySQL:    mysql,
}

// limit bounds a message: what is longer is a mistake of the reader's.
const limit = 64 << 20

// cancelRequest is what a connection of PostgreSQL begins with that asks to cancel the
// statement of another.
const cancelRequest = 80877102

// errCancel ends such a connection: see the package's text.
var errCancel = errors.New("proxy: a request to cancel goes nowhere")

// postgres reads its protocol, version 3: a type, a length that counts itself,
// and the body. The first message has no type.
func postgres() next {
	prepared := map[string]string{}
	started := false
	return func(in *bufio.Reader) ([]byte, string, error) {
		var sent []byte
		text := ""
		for {
			kind := byte(0)
			if started {
				var err error
				if kind, err = in.ReadByte(); err != nil {
					return nil, "", err
				}
				sent = append(sent, kind)
			}
			body, err := postgresBody(in, &sent)
			if err != nil {
				return nil, "", err
			}
			if !started && len(body) >= 4 && binary.BigEndian.Uint32(body) == cancelRequest {
				return nil, "", errCancel
			}
			started = true
			switch kind {
			case 'P':
				name, rest, _ := bytes.Cut(body, []byte{0})
				query, _, _ := bytes.Cut(rest, []byte{0})
				prepared[string(name)] = string(query)
			case 'B':
				_, rest, _ := bytes.Cut(body, []byte{0})
				name, _, _ := bytes.Cut(rest, []byte{0})
				text = prepared[string(name)]
			case 'Q':
				query, _, _ := bytes.Cut(body, []byte{0})
				return sent, string(query), nil
			case 'D', 'E', 'C', 'H': // Sync follows
			default:
				return sent, text, nil
			}
		}
	}
}

func postgresBody(in *bufio.Reader, sent *[]byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < 4 || size > limit {
		return nil, fmt.Errorf("proxy: a message of %d bytes", size)
	}
	body := make([]byte, size-4)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, err
	}
	*sent = append(append(*sent, head[:]...), body...)
	return body, nil
}

// The commands of MySQL's protocol that have a text.
const (
	comQuery   = 0x03
	comPrepare = 0x16
	comExecute = 0x17
)

// mysql reads its protocol: a length of three bytes, a number, which is 0 where a
// command begins, and the body.
func mysql() next {
	last := "" // prepared: the driver executes it next
	return func(in *bufio.Reader) ([]byte, string, error) {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return nil, "", err
		}
		size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
		sent := make([]byte, len(head)+size)
		copy(sent, head[:])
		if _, err := io.ReadFull(in, sent[len(head):]); err != nil {
			return nil, "", err
		}
		if head[3] != 0 || size == 0 {
			return sent, "", nil
		}
		body := sent[len(head):]
		switch body[0] {
		case comQuery:
			return sent, string(body[1:]), nil
		case comPrepare:
			last = string(body[1:])
		case comExecute:
			return sent, last, nil
		}
		return sent, "", nil
	}
}
