// All apps at a glance: what runs, what is late, what fails, what is next.

import { get } from "../api.js";
import { post } from "../api.js";
import { ask } from "../dialog.js";
import { h } from "../dom.js";
import { clock, number, plural, relative, time } from "../format.js";
import { Form } from "../form.js";
import { notify } from "../notice.js";
import { byState, load } from "../parts/bar.js";
import { above, check, text } from "../parts/field.js";
import { executeLink, fireRows } from "../parts/names.js";
import { button, card, empty, head, section, tile } from "../parts/page.js";
import { list } from "../parts/pages.js";
import { appChips } from "../parts/state.js";
import { table } from "../parts/table.js";
import { go, to } from "../router.js";
import { operator } from "../session.js";

const LATE = 10_000; // what is due for longer is overdue, in ms
const FEW = 8; // rows of a list that leads to the whole one

export function overview() {
  return {
    title: "Overview",
    async load(signal) {
      const all = await get("overview", {}, signal);
      const count = (what) => all.apps.reduce((sum, app) => sum + app[what], 0);
      const [next, running, failing] = await Promise.all([
        list("executes", { sort: "nextFire", state: "EXECUTING", limit: FEW }, signal),
        list("fires", { limit: FEW, descending: true }, signal, count("running")),
        list("executes", { failing: true, limit: FEW, descending: true }, signal, count("failing")),
      ]);
      clock.set(all.at);
      next.items = next.items.filter(({ jobId }) => next.jobs[jobId]?.state !== "PAUSED");
      return { apps: all.apps, next, running, failing };
    },
    draw,
  };
}

function draw({ apps, next, running, failing }) {
  if (apps.length === 0) return [head({ title: "Overview" }), card(welcome())];
  return [
    head({
      title: "Overview",
      note: summary(apps),
      actions: operator() && button({ label: "Add app", picture: "plus", onclick: addApp, test: "add-app" }),
    }),
    tiles(apps, next),
    section("Apps", {}, appTable(apps)),
    h(
      "div",
      { class: "columns" },
      section(
        "Next to fire",
        { more: h("a", { href: to("executes", { sort: "nextFire", state: "EXECUTING" }) }, "All") },
        upcoming(next),
      ),
      section("Running now", { more: h("a", { href: to("running") }, "All") }, runs(running)),
    ),
    failing.items.length > 0 &&
      section("Failing", { more: h("a", { href: to("executes", { failing: "true" }) }, "All") }, failures(failing)),
  ];
}

function summary(apps) {
  const nodes = apps.reduce((sum, app) => sum + app.nodes.live, 0);
  return `${plural(apps.length, "app")}, ${plural(nodes, "live node")}`;
}

function tiles(apps, next) {
  const sum = (of) => apps.reduce((all, app) => all + (of(app) ?? 0), 0);
  const [overdue, failing] = [sum((app) => app.overdue), sum((app) => app.failing)];
  const [running, capacity] = [sum((app) => app.nodes.running), sum((app) => app.nodes.capacity)];
  const first = next.items.find((execute) => Date.parse(execute.nextFire) > clock.now());
  return h(
    "div",
    { class: "tiles" },
    tile({
      label: "Live nodes",
      picture: "node",
      value: number(sum((app) => app.nodes.live)),
      note: `${number(running)} of ${plural(capacity, "slot")} in use`,
      address: to("nodes", { live: "true" }),
    }),
    tile({
      label: "Running now",
      picture: "running",
      value: number(sum((app) => app.running)),
      note: "fires in flight",
      address: to("running"),
      test: "tile-running",
    }),
    tile({
      label: "Overdue",
      picture: "execute",
      value: number(overdue),
      kind: overdue && "warn",
      note: "due and not claimed",
      address: to("executes", { overdue: "true" }),
      test: "tile-overdue",
    }),
    tile({
      label: "Failing",
      picture: "alert",
      value: number(failing),
      kind: failing && "bad",
      note: "failed last, or in ERROR",
      address: to("executes", { failing: "true" }),
      test: "tile-failing",
    }),
    first &&
      tile({
        label: "Next fire",
        picture: "next",
        value: relative(first.nextFire),
        note: next.jobs[first.jobId]?.name ?? next.jobs[first.jobId]?.class,
        address: to(["executes", first.id]),
        test: "tile-next",
      }),
  );
}

function appTable(apps) {
  return table({
    label: "Apps",
    test: "apps",
    rows: apps,
    key: (app) => app.name,
    columns: [
      { title: "App", kind: "lead", cell: nameOf },
      { title: "Nodes", cell: nodesOf },
      {
        title: "Jobs",
        kind: "number",
        cell: (app) =>
          h("a", { href: to("jobs", { app: app.name }) }, number(Object.values(app.jobs).reduce((a, b) => a + b, 0))),
      },
      {
        title: "Executes",
        kind: "long",
        cell: (app) => byState(app.executes, (state) => to("executes", { app: app.name, state })),
      },
      { title: "Running", kind: "number", cell: (app) => number(app.running) },
      {
        title: "Overdue",
        kind: "number",
        cell: (app) => counted(app.overdue, "warn", to("executes", { app: app.name, overdue: "true" })),
      },
      {
        title: "Failing",
        kind: "number",
        cell: (app) => counted(app.failing, "bad", to("executes", { app: app.name, failing: "true" })),
      },
    ],
  });
}

function nameOf(app) {
  const chips = appChips(app).filter(Boolean);
  return h(
    "div",
    { class: "stack" },
    h("a", { class: "name", href: to(["apps", app.name]) }, app.name),
    app.masterKey && h("span", { class: "sub" }, `master ${app.masterKey}`),
    chips.length > 0 && h("div", { class: "chips" }, chips),
  );
}

function nodesOf(app) {
  const { live, paused, draining } = app.nodes;
  const notes = [paused && `${number(paused)} paused`, draining && `${number(draining)} draining`].filter(Boolean);
  return h(
    "div",
    { class: "stack" },
    h(
      "span",
      {},
      h("a", { href: to("nodes", { app: app.name }) }, app.standalone ? "standalone" : `${number(live)} live`),
      notes.length > 0 && h("span", { class: "sub" }, `, ${notes.join(", ")}`),
    ),
    app.nodes.capacity > 0 && load(app.nodes.running, app.nodes.capacity),
    !live && !app.standalone && h("span", { class: "small warn" }, "nobody runs its jobs"),
  );
}

const counted = (n, kind, address) =>
  n ? h("a", { class: kind, href: address }, number(n)) : h("span", { class: "muted" }, "0");

function upcoming({ items, jobs }) {
  if (items.length === 0) return card(empty("execute", "Nothing is to come", "No enabled execute has a next fire."));
  return table({
    label: "Next to fire",
    test: "upcoming",
    rows: items,
    key: (execute) => execute.id,
    columns: [
      { title: "Execute", kind: "lead", cell: (execute) => executeLink(execute, jobs[execute.jobId]) },
      { title: "App", cell: (execute) => execute.app },
      {
        title: "Next fire",
        kind: "number",
        cell: (execute) =>
          h("span", { class: Date.parse(execute.nextFire) < clock.now() - LATE ? "warn" : "" }, time(execute.nextFire)),
      },
    ],
  });
}

function runs({ items }) {
  if (items.length === 0) return card(empty("running", "Nothing runs", "Fires in flight show here."));
  return fireRows(items, { brief: true });
}

function failures({ items, jobs }) {
  return table({
    label: "Failing",
    test: "failing",
    rows: items,
    key: (execute) => execute.id,
    columns: [
      { title: "Execute", kind: "lead", cell: (execute) => executeLink(execute, jobs[execute.jobId]) },
      { title: "App", cell: (execute) => execute.app },
      { title: "In a row", kind: "number", cell: (execute) => number(execute.counts.failStreak) },
      { title: "Last", kind: "tight", cell: (execute) => time(execute.last?.ended) },
      { title: "Error", kind: "long", cell: (execute) => h("span", { class: "bad small" }, execute.lastError) },
    ],
  });
}

function welcome() {
  return empty(
    "app",
    "There is no app yet",
    "An app is a cluster: all nodes of one name. A node that registers adds its app by itself; add one here if its jobs are to be there before it.",
    operator() && button({ label: "Add app", kind: "primary", picture: "plus", onclick: addApp, test: "add-app" }),
  );
}

async function addApp() {
  const form = new Form({ name: "", paused: false });
  const added = await ask({
    title: "Add app",
    action: "Add app",
    body: (state) => {
      form.follow(state);
      return [
        above(form),
        text(form, "name", { label: "Name", hint: "What its nodes are configured with" }),
        check(form, "paused", { label: "Paused", hint: "Its nodes claim nothing until it is resumed" }),
      ];
    },
    submit: () => post("app/add", { app: form.get("name"), paused: form.get("paused") }),
  });
  if (!added) return;
  notify(`App ${added.name} was added.`);
  go(to(["apps", added.name]));
}
