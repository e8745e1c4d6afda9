package alert

// Row is one row of the table in docs/observability.md.
type Row struct {
	Kind Kind
	By   string // which package tells it
	When string // it begins
	Over string // it is over
}

// The packages.
const (
	Core   = "core/alert"
	Client = "client/alert"
)

// Table describes every kind, once for each package that tells it.
var Table = []Row{
	{
		FailuresInARow, Core, "`FailuresInARow` fires of an execute in a row (3) have failed on the node, retries not counted, " +
			"or one has by which it is in ERROR, as its `PauseAfter` says",
		"one succeeds there, or none has ended there for an hour",
	},
	{LeaseLost, Core, "the registration ended or could not be renewed, and its runs are cancelled", "the node has registered again"},
	{DatabaseAway, Core, "the database has taken no heartbeat of the node for `DatabaseAwayFor` (10 s)", "it takes one"},
	{ClockSkewed, Core, "the node's clock is further from the database's than `core.Config.MaxSkew`, if that is set", "it no longer is"},
	{Overdue, Client, "an execute that nothing holds back has been due for `OverdueAfter` (1 min), `no_handler` apart", "none of the app is"},
	{NoHandler, Client, "an execute has been due for 10 s, and no live node has a handler for its class", "one has, or none of the class is due"},
	{
		NoLiveNode, Client, "no node of an app that has something to fire, or a fire in flight, has given a sign of life for `NoNodeAfter` (30 s)",
		"one does, or nothing is left to fire or in flight",
	},
	{DatabaseAway, Client, "the watcher's questions have failed for `DatabaseAwayFor` (30 s)", "they are answered"},
}
