package core

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// What only the leaving node may run ends there: handed over, it would be lost.
func TestAFireForTheLeavingNodeAloneEndsThere(t *testing.T) {
	t.Parallel()
	conclude := func(on schema.RunOn, retired, began bool, err error) conclusion {
		term := newTerm(context.Background(), &Node{})
		term.ms = new(member.Membership)
		if retired {
			term.ms.Retire()
		}
		cause := err
		if began {
			err = errors.New("broken off")
		}
		f := &flight{term: term, claim: store.Claim{Due: &store.Due{RunOn: on, Retries: 1}}}
		return f.conclude(began, err, cause)
	}
	for _, began := range []bool{false, true} {
		c := conclude(schema.RunOnAny, true, began, ErrStopped)
		require.Equal(t, observe.HandedOver, c.kind)
		require.Equal(t, schema.ChildRecovery, c.again.Kind)
	}
	require.Equal(t, conclusion{kind: observe.Cancelled, outcome: schema.Cancelled}, conclude(schema.RunOnNode, true, false, ErrStopped))
	require.Equal(t, conclusion{kind: observe.Failed, outcome: schema.Failed}, conclude(schema.RunOnNode, true, true, ErrStopped))
	require.Equal(t, conclusion{kind: observe.Failed, outcome: schema.Failed}, conclude(schema.RunOnNode, true, true, nil), "nobody would try it again")
	require.NotNil(t, conclude(schema.RunOnNode, false, true, nil).again)
}
