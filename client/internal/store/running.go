package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// RunningFilter narrows a list of fires in flight.
type RunningFilter struct {
	App   string
	Job   int64
	Node  int64 // node id
	After int64 // the last id already seen
	Until int64 // the last id to look at; 0: all
}

func (f RunningFilter) lane() where { return ExecuteFilter{App: f.App, Job: f.Job}.lane() }

// Running lists the rows with a fire in flight by id.
func (s Store) Running(ctx context.Context, f RunningFilter, span Span) ([]schema.Execute, error) {
	_, direction := span.order()
	w := f.lane()
	w.add("FIRE_TIME IS NOT NULL")
	if f.Node != 0 {
		w.add("FIRE_NODE = ?", f.Node)
	}
	s.within(&w, "QRTZ_EXECUTE", f.lane(), f.After, f.Until, span)
	return sqldb.Select[schema.Execute](ctx, s.DB,
		selectExecute+w.String()+" ORDER BY ID"+direction+" {limit}", append(w.args, span.Limit)...)
}

// Registration names a node by its id, which is one of its app.
type Registration struct {
	App string
	ID  int64
}

// Around is what stands around fires in flight.
type Around struct {
	Jobs     map[int64]schema.Job    // name and class
	Nodes    map[Registration]string // keys
	executes map[int64]schema.Execute
}

// Execute returns the execute, with its name, whose fire a row carries: a child's
// origin, and above a copy for a single node the execute that it is a copy of.
func (a Around) Execute(row schema.Execute) schema.Execute {
	for row.Origin != "" {
		of, found := a.executes[row.OriginID]
		if !found {
			return schema.Execute{ID: row.OriginID}
		}
		row = of
	}
	return row
}

// Around reads what stands around fires in flight.
func (s Store) Around(ctx context.Context, rows []schema.Execute) (Around, error) {
	out := Around{Jobs: map[int64]schema.Job{}, Nodes: map[Registration]string{}, executes: map[int64]schema.Execute{}}
	var jobs, nodes []int64
	for _, row := range rows {
		jobs, nodes = append(jobs, row.PID), append(nodes, row.FireNode)
	}
	var id int64
	var job schema.Job
	err := s.eachOf(ctx, "SELECT ID, NAME, JOB_CLASS FROM QRTZ_JOB WHERE ID IN ?", jobs,
		[]any{&id, sqldb.Null(&job.Name), sqldb.Null(&job.Class)}, func() { out.Jobs[id] = job })
	if err != nil {
		return out, err
	}
	var node schema.Node
	err = s.eachOf(ctx, "SELECT APPLICATION, NODE_ID, HOST_IP FROM QRTZ_NODE WHERE NODE_ID IN ?", nodes,
		[]any{&node.Application, &node.NodeID, &node.Key}, func() { out.Nodes[Registration{node.Application, node.NodeID}] = node.Key })
	for err == nil {
		var above []int64
		for _, row := range rows {
			if _, seen := out.executes[row.OriginID]; row.Origin != "" && !seen {
				above = append(above, row.OriginID)
			}
		}
		if len(above) == 0 {
			break
		}
		rows = nil
		var of schema.Execute
		err = s.eachOf(ctx, "SELECT ID, NAME, ORIGIN, ORIGIN_ID FROM QRTZ_EXECUTE WHERE ID IN ?", above,
			[]any{&of.ID, sqldb.Null(&of.Name), sqldb.Null(&of.Origin), sqldb.Null(&of.OriginID)}, func() {
				out.executes[of.ID] = of
				rows = append(rows, of)
			})
	}
	return out, err
}

// eachOf runs a query of rows by their ids.
func (s Store) eachOf(ctx context.Context, query string, ids []int64, dest []any, add func()) error {
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), Chunk) {
		err := s.Each(ctx, func(rows *sql.Rows) error {
			err := rows.Scan(dest...)
			add()
			return err
		}, query, chunk)
		if err != nil {
			return err
		}
	}
	return nil
}
