// One app: its nodes, its counts, its settings, and what happened to it.

import { get } from "../api.js";
import { h } from "../dom.js";
import { clock, exact, number, plural, relative, short, time } from "../format.js";
import { byState, load } from "../parts/bar.js";
import { icon } from "../parts/icon.js";
import { nodeTable } from "../parts/node-table.js";
import { button, card, empty, facts, head, section, tile } from "../parts/page.js";
import { appChips } from "../parts/state.js";
import { to } from "../router.js";
import { operator } from "../session.js";
import { actions, change } from "./app-actions.js";

export function appView(name) {
  return {
    title: name,
    async load(signal) {
      const [all, nodes, events] = await Promise.all([
        get("overview", { app: name }, signal),
        get("nodes", { app: name, limit: 100 }, signal),
        get("app/events", { app: name }, signal),
      ]);
      clock.set(all.at);
      const app = all.apps[0];
      const maintenance = app.maintenance ? await get("app/maintenance", { app: name }, signal) : null;
      return { app, nodes, events: events.items.reverse(), maintenance };
    },
    draw,
  };
}

function draw({ app, nodes, events, maintenance }) {
  return [
    head({
      title: app.name,
      crumbs: [[to(""), "Apps"]],
      chips: h("div", { class: "chips" }, appChips(app)),
      actions: actions(app, nodes.items),
    }),
    maintenance && held(app, maintenance),
    tiles(app),
    section(
      "Nodes",
      { more: h("a", { href: to("nodes", { app: app.name }) }, "All") },
      nodes.items.length
        ? nodeTable(nodes.items, { [app.name]: app }, { one: true })
        : card(empty("node", "It has no node", "Nobody runs its jobs until a worker starts that is configured with its name.")),
    ),
    section("Settings", {}, h("div", { class: "card pad" }, settings(app))),
    section("What happened", { more: "in the last 24 hours" }, happened(events)),
  ];
}

function held(app, { idle, busy: keys = [] }) {
  return h(
    "div",
    { class: `banner ${idle ? "good" : "busy"}`, "data-test": "maintenance" },
    icon(idle ? "check" : "bar"),
    h(
      "div",
      {},
      idle
        ? "Every live node has confirmed that it is idle."
        : keys.length
          ? `Waiting for ${keys.join(", ")} to be idle.`
          : "Waiting for the nodes to be idle.",
    ),
    operator() &&
      button({
        label: "End maintenance",
        small: true,
        onclick: () => change("maintenance/end", app, "The maintenance is over."),
        test: "end-maintenance",
      }),
  );
}

function tiles(app) {
  const { name } = app;
  return h(
    "div",
    { class: "tiles" },
    tile({
      label: "Live nodes",
      picture: "node",
      value: number(app.nodes.live),
      note: load(app.nodes.running, app.nodes.capacity),
    }),
    tile({
      label: "Running now",
      picture: "running",
      value: number(app.running),
      note: "fires in flight",
      address: to("running", { app: name }),
    }),
    tile({
      label: "Overdue",
      picture: "execute",
      value: number(app.overdue),
      kind: app.overdue && "warn",
      note: "due and not claimed",
      address: to("executes", { app: name, overdue: "true" }),
    }),
    tile({
      label: "Failing",
      picture: "alert",
      value: number(app.failing),
      kind: app.failing && "bad",
      note: "failed last, or in ERROR",
      address: to("executes", { app: name, failing: "true" }),
    }),
  );
}

function settings(app) {
  return facts([
    ["Jobs", byState(app.jobs, (state) => to("jobs", { app: app.name, state }))],
    ["Executes", byState(app.executes, (state) => to("executes", { app: app.name, state }))],
    [
      "Mode",
      app.mode === "MASTER_ONLY"
        ? "MASTER_ONLY: on the master, unless an execute says otherwise"
        : "ANY: on any node, unless an execute says otherwise",
    ],
    ["Master", app.masterKey ?? "none"],
    ["Preferred as master", app.preferred || "nobody"],
    ["Master changed", plural(app.masterEpoch, "time")],
    ["Last pass of the ClusterMisfireHandler", time(app.lastPass, { none: "never" })],
  ]);
}

const pictures = {
  joined: "plus",
  left: "cross",
  removed: "alert",
  elected: "star",
  preferred: "star",
  paused: "pause",
  resumed: "play",
  maintenance: "bar",
  barred: "bar",
  unbarred: "check",
  mode: "node",
  bulk: "execute",
  command: "ping",
  answer: "check",
};

function happened(events) {
  if (events.length === 0)
    return card(empty("info", "Nothing", "Joins, elections, and what operators do to the app and its nodes show here."));
  return h("div", { class: "card" }, h("ol", { class: "events", "data-test": "events" }, events.slice(0, 100).map(event)));
}

function event({ at, kind, node, by, text }, i, all) {
  return h(
    "li",
    { key: `${at} ${kind} ${node ?? ""} ${all.length - i}` },
    h("time", { datetime: at, title: `${relative(at)}\n${exact(at, "UTC")} UTC` }, short(at)),
    icon(pictures[kind] ?? "info"),
    h(
      "span",
      { class: "wrap" },
      h("b", {}, kind),
      node && [" ", h("code", {}, node)],
      text && ` ${text}`,
      by && h("span", { class: "muted" }, ` by ${by}`),
    ),
  );
}
