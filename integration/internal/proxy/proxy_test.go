package proxy

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

func TestMain(m *testing.M) { leak.Main(m) }

// place is a table with one number in it, reached through a proxy and past it.
type place struct {
	*Proxy

	t       *testing.T
	through *sql.DB
	direct  *gorm.DB
}

func each(t *testing.T, test func(p *place)) {
	t.Helper()
	for _, kind := range testdb.Kinds(t) {
		if readers[kind] == nil {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			db := testdb.New(t, kind)
			p := &place{t: t, direct: db.Gorm}
			require.NoError(t, db.Gorm.Exec("CREATE TABLE t (n INT)").Error)
			require.NoError(t, db.Gorm.Exec("INSERT INTO t VALUES (0)").Error)
			p.Proxy = New(t, kind, db.DSN)
			through, err := testdb.OpenDSN(kind, p.DSN)
			require.NoError(t, err)
			p.through, err = through.DB()
			require.NoError(t, err)
			t.Cleanup(func() { _ = p.through.Close() })
			test(p)
		})
	}
}

// add adds one by a statement with a bind, as the product's are.
func (p *place) add() error {
	ctx, cancel := context.WithTimeout(p.t.Context(), enough)
	defer cancel()
	query := "UPDATE t SET n = n + $1"
	if p.direct.Name() == "mysql" {
		query = "UPDATE t SET n = n + ?"
	}
	_, err := p.through.ExecContext(ctx, query, 1)
	return err
}

// plain is add without a bind: one message on both databases.
const plain = "UPDATE t SET n = n + 1"

func (p *place) addPlain() error {
	ctx, cancel := context.WithTimeout(p.t.Context(), enough)
	defer cancel()
	_, err := p.through.ExecContext(ctx, plain)
	return err
}

// held is a connection that is held throughout. One that comes from the pool may be
// asked first whether it lives, and gets no statement without an answer.
func (p *place) held() *sql.Conn {
	conn, err := p.through.Conn(p.t.Context())
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// giveUp adds one and gives up on it when it has reached the proxy.
func (p *place) giveUp(conn *sql.Conn) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), enough)
	defer cancel()
	p.Rule(func(s Statement) Action {
		if adds(s) {
			cancel()
		}
		return Action{}
	})
	_, err := conn.ExecContext(ctx, plain)
	require.ErrorIs(p.t, ctx.Err(), context.Canceled, "it reached the proxy")
	require.Error(p.t, err)
}

func (p *place) number() (n int) {
	p.t.Helper()
	require.NoError(p.t, p.direct.Raw("SELECT n FROM t").Row().Scan(&n))
	return n
}

// enough bounds a failure, not what is tested.
const enough = 60 * time.Second

func (p *place) becomes(n int) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.number() == n }, enough, 10*time.Millisecond)
}

func adds(s Statement) bool { return s.Has("UPDATE t SET") }

func TestItPassesOn(t *testing.T) {
	each(t, func(p *place) {
		for range 3 { // also what was prepared before
			require.NoError(p.t, p.add())
		}
		require.Equal(p.t, 3, p.number())
	})
}

// What a node gave up on while it was cut off arrives once it is healed.
func TestWhatWasSentBehindACutArrivesLate(t *testing.T) {
	each(t, func(p *place) {
		conn := p.held()
		_, err := conn.ExecContext(p.t.Context(), plain)
		require.NoError(p.t, err)
		p.Cut()
		p.giveUp(conn)
		require.Equal(p.t, 1, p.number())
		p.Heal()
		require.NoError(p.t, p.addPlain())
		p.becomes(3)
	})
}

func TestRequestsPassAndRepliesDoNot(t *testing.T) {
	each(t, func(p *place) {
		conn := p.held()
		_, err := conn.ExecContext(p.t.Context(), plain)
		require.NoError(p.t, err)
		p.Deafen()
		p.giveUp(conn)
		p.becomes(2)
		p.Heal()
		require.NoError(p.t, p.addPlain())
	})
}

func TestRefuse(t *testing.T) {
	each(t, func(p *place) {
		require.NoError(p.t, p.add())
		p.Refuse()
		require.Error(p.t, p.add())
		p.Heal()
		require.NoError(p.t, p.add())
		require.Equal(p.t, 2, p.number())
	})
}

// A lost reply is an error to the node; the change was made.
func TestLose(t *testing.T) {
	each(t, func(p *place) {
		var tried atomic.Int64
		p.Rule(Every(2, adds, Action{Lose: true}, &tried))
		require.NoError(p.t, p.add())
		require.Error(p.t, p.add())
		require.NoError(p.t, p.add())
		require.EqualValues(p.t, 1, tried.Load())
		require.Equal(p.t, 3, p.number())
	})
}

// A late statement is an error to the node at once, and takes effect afterwards.
func TestLate(t *testing.T) {
	each(t, func(p *place) {
		var tried atomic.Int64
		require.NoError(p.t, p.add())
		p.Rule(Every(1, adds, Action{Late: 2 * time.Second}, &tried))
		require.Error(p.t, p.add())
		require.Equal(p.t, 1, p.number())
		p.becomes(2)
	})
}

// A transaction's change lasts with its commit, which knows what was before it.
func TestTheReplyToACommitIsLost(t *testing.T) {
	each(t, func(p *place) {
		var tried atomic.Int64
		p.Rule(Every(1, func(s Statement) bool { return s.Takes() && adds(s) }, Action{Lose: true}, &tried))
		tx, err := p.through.BeginTx(p.t.Context(), nil)
		require.NoError(p.t, err)
		_, err = tx.ExecContext(p.t.Context(), "UPDATE t SET n = 7")
		require.NoError(p.t, err)
		require.Zero(p.t, p.number())
		require.Error(p.t, tx.Commit())
		require.Equal(p.t, 7, p.number())
		require.EqualValues(p.t, 1, tried.Load())
	})
}
