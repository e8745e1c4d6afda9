package misfire

import (
	"context"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// adopt fills in what the Java edition's client does not know of.
func (h *Handler) adopt(ctx context.Context, v view) error {
	if !v.Orphans {
		return nil
	}
	var after int64
	for range rounds {
		orphans, err := h.cfg.Store.Orphans(ctx, after, slice)
		if err != nil || len(orphans) == 0 {
			return err
		}
		for _, e := range orphans {
			after = e.ID
			start, _ := schema.AdoptStart(e)
			ok, err := h.cfg.Store.Adopt(ctx, e, start)
			if err := h.passBy(ctx, err, about("adopt an execute", e)); err != nil {
				return err
			}
			if ok {
				h.cfg.Tell(observe.Event{Kind: observe.Adopted, JobID: e.PID, ExecuteID: e.ID})
			}
		}
		h.cfg.Changed()
	}
	return nil
}

// walk takes up the next slice of the jobs.
func (h *Handler) walk(ctx context.Context, _ view) error {
	jobs, err := h.cfg.Store.Summaries(ctx, h.jobCursor, slice)
	if err != nil {
		return err
	}
	if len(jobs) < slice {
		h.jobCursor = 0
	} else {
		h.jobCursor = jobs[len(jobs)-1].JobID
	}
	if len(jobs) == 0 {
		return nil
	}
	var idle, over []int64
	for _, m := range jobs {
		if m.Idle > 0 {
			idle = append(idle, m.JobID)
		}
		if m.Complete > 0 {
			over = append(over, m.JobID)
		}
		if to := summary(m); to != m.State {
			done, err := h.cfg.Store.Summarise(ctx, m, to)
			if err := h.passBy(ctx, err, observe.Event{Reason: "summarise a job", JobID: m.JobID}); err != nil {
				return err
			}
			if done {
				h.cfg.Tell(observe.Event{Kind: observe.Summarised, JobID: m.JobID, State: string(to)})
			}
		}
	}
	if err := h.schedule(ctx, idle); err != nil {
		return err
	}
	return h.forget(ctx, over)
}

// summary returns the state that a job's executes add up to. PAUSED and INIT are
// an operator's word and stay.
func summary(m store.Summary) schema.State {
	switch {
	case m.State == schema.Paused || m.State == schema.Init || m.Executes == 0:
		return m.State
	case m.Complete == m.Executes:
		return schema.Complete
	case m.Failed > 0 && m.Complete+m.Failed == m.Executes:
		return schema.Error
	case m.Enabled > 0:
		return schema.Executing
	}
	return m.State
}

// schedule gives a next fire to executes that somebody enabled without one.
func (h *Handler) schedule(ctx context.Context, jobs []int64) error {
	if len(jobs) == 0 {
		return nil
	}
	rows, err := h.cfg.Store.Unscheduled(ctx, jobs, slice)
	if err != nil {
		return err
	}
	for _, e := range rows {
		s, err := parse(e)
		if err != nil {
			err = h.fault(ctx, e, err)
		} else {
			next, _ := s.Next(max(e.HighTime, e.PrevFireTime, h.cfg.Clock.Now()-1))
			_, err = h.cfg.Store.Schedule(ctx, e, next)
			h.cfg.Changed()
		}
		if err := h.passBy(ctx, err, about("schedule an execute", e)); err != nil {
			return err
		}
	}
	return nil
}

// about begins what is told of a step at an execute.
func about(step string, e schema.Execute) observe.Event {
	return observe.Event{Reason: step, JobID: e.PID, ExecuteID: e.ID}
}

func parse(e schema.Execute) (*schedule.Schedule, error) {
	return schedule.Parse(schedule.Spec{
		Type: string(e.JobType), Cron: e.Cron, Zone: e.ZoneID,
		RepeatCount: e.RepeatCount, RepeatInterval: e.RepeatInterval, Start: e.StartTime, End: e.EndTime,
	})
}

// fault takes an execute that cannot be scheduled out of the schedule.
func (h *Handler) fault(ctx context.Context, e schema.Execute, cause error) error {
	done, err := h.cfg.Store.Fault(ctx, store.Due{ID: e.ID, JobID: e.PID, Version: e.Version, Next: e.NextFireTime}, cause.Error())
	if done {
		h.cfg.Tell(observe.Event{Kind: observe.Faulted, JobID: e.PID, ExecuteID: e.ID, Err: cause})
	}
	return err
}

// forget deletes completed executes past their retention.
func (h *Handler) forget(ctx context.Context, jobs []int64) error {
	if h.cfg.Retention <= 0 || len(jobs) == 0 {
		return nil
	}
	rows, err := h.cfg.Store.Expired(ctx, jobs, h.cfg.Clock.Now()-h.cfg.Retention.Milliseconds(), slice)
	if err != nil {
		return err
	}
	for _, e := range rows {
		done, err := h.cfg.Store.Forget(ctx, e)
		if err := h.passBy(ctx, err, about("forget an execute", e)); err != nil {
			return err
		}
		if done {
			h.cfg.Tell(observe.Event{Kind: observe.Forgotten, JobID: e.PID, ExecuteID: e.ID})
		}
	}
	return nil
}
