package client

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

// applying applies a document whose first change meets what fn does.
func applying(t *testing.T, c *Client, text string, options ApplyOptions, fn func()) *Diff {
	t.Helper()
	doc, err := ReadDocument([]byte(text))
	require.NoError(t, err)
	done, err := between(c, fn).Apply(t.Context(), *doc, options)
	require.NoError(t, err)
	again, err := c.Diff(t.Context(), *doc, options)
	require.NoError(t, err)
	require.Empty(t, again.Changes)
	return done
}

const twoJobs = `{"app": "billing", "jobs": [
	{"name": "a", "class": "x", "executes": [{"name": "e", "schedule": {"cron": "@daily"}}]},
	{"name": "b", "class": "x", "executes": [{"name": "e", "schedule": {"cron": "@daily"}}]}
]}`

// Others change what a document is about to change. The document has the last word,
// and what others have done is neither lost nor done twice.
func TestApplyMeetsOthers(t *testing.T) {
	t.Parallel()
	edited := strings.NewReplacer(`"class": "x"`, `"class": "y"`, "@daily", "@hourly").Replace(twoJobs)
	for name, meet := range map[string]func(t *testing.T, c *Client, job *JobInfo, e *ExecuteInfo){
		"edit of a job": func(t *testing.T, c *Client, job *JobInfo, _ *ExecuteInfo) {
			_, err := c.UpdateJob(t.Context(), job.ID, job.Version, SetDescription("theirs"))
			require.NoError(t, err)
		},
		"edit of an execute": func(t *testing.T, c *Client, _ *JobInfo, e *ExecuteInfo) {
			_, err := c.UpdateExecute(t.Context(), e.ID, e.Version, SetPriority(7))
			require.NoError(t, err)
		},
		"deletion of an execute": func(t *testing.T, c *Client, _ *JobInfo, e *ExecuteInfo) {
			require.NoError(t, c.DeleteExecute(t.Context(), e.ID))
		},
		"deletion of a job": func(t *testing.T, c *Client, job *JobInfo, _ *ExecuteInfo) {
			_, err := c.DeleteJobWithExecutes(t.Context(), job.ID)
			require.NoError(t, err)
		},
		"another that applies it": func(t *testing.T, c *Client, _ *JobInfo, _ *ExecuteInfo) {
			doc, err := ReadDocument([]byte(edited))
			require.NoError(t, err)
			_, err = c.Apply(t.Context(), *doc, ApplyOptions{})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newTest(t)
			applying(t, c, twoJobs, ApplyOptions{}, nil)
			job, err := c.GetJobByName(t.Context(), "billing", "b")
			require.NoError(t, err)
			e, err := c.GetExecuteByName(t.Context(), job.ID, "e")
			require.NoError(t, err)
			applying(t, c, edited, ApplyOptions{}, func() { meet(t, c, job, e) })
			all, err := c.Export(t.Context(), "billing")
			require.NoError(t, err)
			require.Len(t, all.Jobs, 2)
			for _, job := range all.Jobs {
				require.Equal(t, "y", job.Class)
				require.Empty(t, job.Description)
				require.Len(t, job.Executes, 1)
				require.Equal(t, "@hourly", job.Executes[0].Schedule.Cron)
				require.Zero(t, job.Executes[0].Priority)
			}
		})
	}
}

// A pause that comes in between is not overtaken by a document that does not state
// one.
func TestApplyMeetsAnOperator(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	applying(t, c, twoJobs, ApplyOptions{}, nil)
	job, err := c.GetJobByName(t.Context(), "billing", "a")
	require.NoError(t, err)
	e, err := c.GetExecuteByName(t.Context(), job.ID, "e")
	require.NoError(t, err)
	applying(t, c, strings.ReplaceAll(twoJobs, "@daily", "@hourly"), ApplyOptions{}, func() {
		_, err := c.PauseExecute(t.Context(), e.ID)
		require.NoError(t, err)
		_, err = c.PauseJob(t.Context(), job.ID)
		require.NoError(t, err)
	})
	e, err = c.GetExecute(t.Context(), e.ID)
	require.NoError(t, err)
	require.Equal(t, schema.Paused, e.State)
	require.Equal(t, "@hourly", e.Schedule.Cron)
	job, err = c.GetJob(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, schema.Paused, job.State)

	// Nor is what the engine finds taken for a pause that the document asks for.
	applying(t, c, strings.ReplaceAll(twoJobs, `"name": "e"`, `"paused": true, "name": "e"`), ApplyOptions{}, nil)
	applying(t, c, strings.ReplaceAll(twoJobs, `"name": "e"`, `"paused": false, "name": "e"`), ApplyOptions{}, nil)
	applying(t, c, strings.ReplaceAll(twoJobs, `"name": "e"`, `"paused": true, "name": "e"`), ApplyOptions{}, func() {
		mustExec(t, c, "UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE', NEXT_FIRE_TIME = NULL WHERE ID = ?", int64(e.ID))
	})
	e, err = c.GetExecute(t.Context(), e.ID)
	require.NoError(t, err)
	require.Equal(t, schema.Complete, e.State)
}

// A job that has got another name in between is not the one that is meant.
func TestApplyMeetsARenaming(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	applying(t, c, twoJobs, ApplyOptions{}, nil)
	job, err := c.GetJobByName(t.Context(), "billing", "b")
	require.NoError(t, err)
	applying(t, c, strings.ReplaceAll(twoJobs, `"class": "x"`, `"class": "y"`), ApplyOptions{}, func() {
		_, err := c.UpdateJob(t.Context(), job.ID, job.Version, SetName("c"))
		require.NoError(t, err)
	})
	job, err = c.GetJob(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, "c", job.Name)
	require.Equal(t, "x", job.Class)
}

func TestPruneMeetsADeletion(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	applying(t, c, twoJobs, ApplyOptions{}, nil)
	for _, name := range []string{"c", "d"} {
		_, err := c.AddJob(t.Context(), Job{App: "billing", Class: "x", Name: name})
		require.NoError(t, err)
	}
	applying(t, c, twoJobs, ApplyOptions{Prune: true}, func() {
		job, err := c.GetJobByName(t.Context(), "billing", "c")
		require.NoError(t, err)
		require.NoError(t, c.DeleteJob(t.Context(), job.ID))
	})
}

// Two that apply one document at once: what the other adds while this one compares is
// not taken for what the document does not name.
func TestPruneMeetsAnotherThatAdds(t *testing.T) {
	t.Parallel()
	looks, theirs := 0, func() {}
	c, _ := newTestAt(t, func() int64 {
		if looks++; looks == 2 { // a comparison asks for the time with each part
			theirs()
		}
		return noon.UnixMilli()
	})
	doc := Document{App: "billing"}
	for i := range documentPart + 1 {
		doc.Jobs = append(doc.Jobs, DocumentJob{Name: fmt.Sprint("j", i), Class: "x"})
	}
	looks, theirs = 0, func() {
		_, err := c.AddJob(t.Context(), Job{App: "billing", Class: "x", Name: "j0"})
		require.NoError(t, err)
	}
	done, err := c.Apply(t.Context(), doc, ApplyOptions{Prune: true})
	require.NoError(t, err)
	require.Len(t, done.Changes, documentPart)
	for _, change := range done.Changes {
		require.Equal(t, Created, change.Change)
	}
	again, err := c.Diff(t.Context(), doc, ApplyOptions{Prune: true})
	require.NoError(t, err)
	require.Empty(t, again.Changes)
}

// Nor is a job deleted that has got a name of the document in between.
func TestPruneMeetsARenaming(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	other, err := c.AddJob(t.Context(), Job{App: "billing", Class: "x", Name: "other"})
	require.NoError(t, err)
	doc, err := ReadDocument([]byte(twoJobs))
	require.NoError(t, err)
	met := between(c, func() {
		_, err := c.UpdateJob(t.Context(), other.ID, other.Version, SetName("b"))
		require.NoError(t, err)
	})
	_, err = met.Apply(t.Context(), *doc, ApplyOptions{Prune: true})
	require.ErrorIs(t, err, ErrContended)
	job, err := c.GetJobByName(t.Context(), "billing", "b")
	require.NoError(t, err)
	require.Equal(t, other.ID, job.ID)
	again, err := c.Diff(t.Context(), *doc, ApplyOptions{Prune: true})
	require.NoError(t, err)
	require.Empty(t, again.Changes)
}
