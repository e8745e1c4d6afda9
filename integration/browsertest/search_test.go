package browsertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
)

// A page of the API that a search has ended early is filled from those behind it, and
// where that takes long the page says that the search is not at its end.
func TestASearchGoesOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	job := o.job(quick, "many")
	for _, part := range [][]client.Execute{make([]client.Execute, 1000), make([]client.Execute, 300)} {
		for i := range part {
			part[i] = client.Execute{Name: fmt.Sprintf("e-%d-%d", len(part), i), Schedule: client.Every(time.Hour), Paused: true}
		}
		if len(part) == 1000 {
			part[7].Name = "needle"
		}
		_, err := o.Client.AddExecutes(t.Context(), job, part)
		require.NoError(t, err)
	}
	p := o.enter("olga", console.Operator)
	p.goes("executes?text=needle") // the newest come first
	p.reads(test("executes"), "needle")
	p.reads(".pages", "1 execute")
	p.goes("executes?text=nowhere")
	p.reads(test("empty"), "No such execute")

	ask[bool](p, `() => {
		const { fetch } = window;
		window.fetch = async (...call) => {
			await new Promise((resolve) => setTimeout(resolve, 1100));
			return fetch(...call);
		};
		return true;
	}`)
	p.goes("executes?text=neither")
	p.reads(test("empty"), "Nothing found so far")
	p.reads(".pages", "0 executes found so far")
	p.click(test("page-next"))
	p.reads(test("empty"), "No such execute")
}
