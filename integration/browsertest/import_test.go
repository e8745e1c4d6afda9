package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
	"github.com/quartz-cluster/quartz/schema"
)

const document = `app: lab
jobs:
  - name: invoices # of the month
    class: invoice.send
    data: {to: all}
    executes:
      - name: workdays
        schedule: {cron: "0 0 8 ? * MON-FRI", zone: Europe/Berlin}
`

// A document that is kept in git is compared with what is there, and applied; then
// there is nothing left to do.
func TestAnOperatorImportsYAML(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.ExecuteOf(o.job(quick, "reports"), client.Every(time.Hour), client.Named("hourly"))
	p := o.enter("olga", console.Operator)
	p.mayRefuse(422)
	p.click(test("nav-document"))
	exported := until[string](p, "the export", `(link) => fetch(find(link)[0]?.href).then((answer) => answer.text())`, test("export-yaml"))
	require.Contains(t, exported, "app: lab\njobs:\n  - name: reports\n    class: report.send\n")
	require.Contains(t, exported, "name: hourly")

	p.write(test("document"), "app: lab\njobs:\n  - name: invoices\n    class: [invoice.send]\n")
	p.click(test("compare"))
	p.wrong("document", "jobs[0].class")
	p.write(test("document"), document)
	p.click(test("compare"))
	p.reads(test("changes"), "invoices / workdays")
	require.Len(t, rows[schema.Job](o, "QRTZ_JOB"), 1, "nothing was written so far")
	p.click(test("apply"))
	p.reads(test("confirm"), "Nothing is deleted.")
	p.click(test("dialog-submit"))
	p.reads(test("applied"), "2 changes made.")
	jobs := rows[schema.Job](o, "QRTZ_JOB")
	require.Len(t, jobs, 2)
	require.Equal(t, []string{"invoices", "olga"}, []string{jobs[1].Name, jobs[1].UpdatedBy})
	p.click(test("compare"))
	p.reads(test("empty"), "lab is what the document says.")

	p.write(test("document"), document+`      - {name: past, schedule: {cron: "@daily", end: "2020-01-01T00:00:00Z"}}`)
	p.click(test("compare"))
	p.reads(test("over"), "jobs[0].executes[1]")
	p.miss(test("empty") + " >> is what the document says")

	p.upload("latin.yaml", "# caf\xe9\n"+document)
	p.reads(test("notice-bad"), "The file latin.yaml cannot be read as UTF-8")
	p.click(test("notice-bad") + " button")
	p.reads(test("document"), "past")
	p.upload("lab.yaml", "# a file\n"+document)
	p.reads(test("document"), "# a file")
	p.click(test("prune"))
	p.click(test("compare"))
	p.reads(test("changes"), "reports")
	p.click(test("apply"))
	p.reads(test("confirm"), "What is deleted cannot be brought back.")
	p.click(test("dialog-submit"))
	p.see(test("applied"))
	jobs = rows[schema.Job](o, "QRTZ_JOB")
	require.Len(t, jobs, 1)
	require.Equal(t, "invoices", jobs[0].Name)
}

// upload chooses a file of that name in the place of the document.
func (p *tab) upload(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	require.NoError(p.t, os.WriteFile(file, []byte(text), 0o600))
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	require.NoError(p.t, chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(test("file")), []string{file})))
}
