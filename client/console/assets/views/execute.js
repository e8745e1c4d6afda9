// One execute: when it fires, how its last fires went, what runs of it.

import { get } from "../api.js";
import { h } from "../dom.js";
import { exact, nanoseconds, number, relative, time, zone } from "../format.js";
import { icon } from "../parts/icon.js";
import { pretty } from "../parts/json-editor.js";
import { executeName, fireRows, jobName } from "../parts/names.js";
import { card, empty, facts, head, section, tile } from "../parts/page.js";
import { pastTable } from "../parts/past-table.js";
import { chip, outcome, state } from "../parts/state.js";
import { table } from "../parts/table.js";
import { timeline } from "../parts/timeline.js";
import { to } from "../router.js";
import { brief } from "../schedule.js";
import { operator } from "../session.js";
import { actions } from "./execute-actions.js";

const NEXT = 10; // fires that are shown ahead

export function executeView(id) {
  return {
    title: "Execute",
    async load(signal) {
      const [all, fires, children] = await Promise.all([
        get("execute", { id, n: NEXT }, signal),
        get("fires", { execute: id }, signal),
        get("executes", { origin: id, limit: 50 }, signal),
      ]);
      const nodes = await get("nodes", { app: all.execute.app, limit: 200 }, signal);
      this.title = `${jobName(all.job)} / ${executeName(all.execute)}`;
      const keys = Object.fromEntries(nodes.items.filter((node) => node.nodeId).map((node) => [node.nodeId, node.key]));
      return { ...all, fires: fires.items, more: fires.next, children: children.items, keys };
    },
    draw,
  };
}

function draw({ execute, job, next, fires, more, children, keys }) {
  const copies = children.filter((child) => child.origin === "ALL");
  const waits = children.filter((child) => !child.inFlight && child.origin !== "ALL");
  const recent = history(execute);
  const [due] = copies.map((copy) => copy.nextFire).sort();
  if (due) next = next.filter((instant) => Date.parse(instant) >= Date.parse(due));

  const idle = execute.state !== "EXECUTING" || job.state === "PAUSED";
  return [
    head({
      title: executeName(execute),
      crumbs: [
        [to("jobs"), "Jobs"],
        [to(["apps", execute.app]), execute.app],
        [to(["jobs", job.id]), jobName(job)],
      ],
      chips: h(
        "div",
        { class: "chips" },
        state(execute.state),
        job.state === "PAUSED" &&
          chip("job PAUSED", { kind: "warn", picture: "pause", title: "Its job is paused, so it does not fire" }),
        execute.origin && chip(execute.origin, { kind: "accent" }),
      ),
      note: execute.explanation || brief(execute.schedule),
      actions: operator() && !execute.origin && actions(execute, job, { fires, more, waits }),
    }),
    execute.lastError && trouble(execute),
    h("div", { class: "card" }, timeline({ past: recent, running: fires, next: idle ? [] : next })),
    counts({ ...execute, nextFire: due ?? execute.nextFire }, copies),
    fires.length > 0 && section("Running now", {}, fireRows(fires, { of: true })),
    section(
      "Last fires",
      { more: recent.length > 0 && "newest first" },
      recent.length
        ? pastTable(recent, keys)
        : card(empty("execute", "It has not fired yet", "How its last fires went shows here.")),
    ),
    section("Next fires", { more: idle && next.length > 0 && "if it were enabled" }, nextTable(execute, next)),
    copies.length > 0 && section("Copies", { more: "one for each live node" }, copyTable(copies, keys)),
    waiting(waits),
    section("Details", {}, h("div", { class: "card pad" }, about(execute, job))),
  ];
}

// history is the last fires, those of copies included. Where none are kept, the last
// one is known all the same.
function history({ recent, last, lastError }) {
  if (recent || !last) return recent ?? [];
  return [{ ...last, error: last.outcome === "SUCCEEDED" ? undefined : lastError }];
}

function trouble({ state, lastError, counts }) {
  const bad = state === "ERROR" || counts.failStreak > 0;
  return h(
    "div",
    { class: `banner ${bad ? "bad" : ""}`, key: "trouble", "data-test": "last-error" },
    icon("alert"),
    h(
      "div",
      {},
      h(
        "b",
        {},
        state === "ERROR"
          ? "It is in ERROR and does not fire. "
          : counts.failStreak > 1
            ? `It failed ${number(counts.failStreak)} times in a row. `
            : "The last failure: ",
      ),
      lastError,
    ),
  );
}

function counts({ counts: own, nextFire, state }, copies) {
  const counts = { ...own };
  for (const copy of copies) for (const name of ["fires", "failed", "skipped", "lost"]) counts[name] += copy.counts[name];
  return h(
    "div",
    { class: "tiles section" },
    tile({
      label: "Next fire",
      picture: "next",
      value: state === "EXECUTING" && nextFire ? relative(nextFire) : "—",
      note: nextFire ? exact(nextFire) : "nothing is left",
      test: "next-fire",
    }),
    tile({ label: "Fires", picture: "run", value: number(counts.fires), note: "that ran", test: "count-fires" }),
    tile({
      label: "Failed",
      picture: "cross",
      value: number(counts.failed),
      kind: counts.failStreak && "bad",
      note: counts.failStreak ? `${number(counts.failStreak)} in a row` : "none in a row",
      test: "count-failed",
    }),
    tile({ label: "Skipped", picture: "skip", value: number(counts.skipped), note: "by a policy or an edit" }),
    tile({ label: "Lost", picture: "alert", value: number(counts.lost), kind: counts.lost && "warn", note: "with their node" }),
  );
}

function nextTable({ schedule }, next) {
  if (next.length === 0) return card(empty("execute", "Nothing is left to fire", ""));
  const own = schedule.type === "CRON" ? schedule.zone || "UTC" : zone;
  const differs = own !== zone;
  return h(
    "div",
    { class: "card pad scroll", tabindex: "0", role: "group", "aria-label": "Next fires" },
    h(
      "table",
      { class: "fires", "aria-label": "Next fires" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "When"),
          h("th", { scope: "col" }, own),
          differs && h("th", { scope: "col" }, `${zone} (yours)`),
        ),
      ),
      h(
        "tbody",
        {},
        next.map((instant) =>
          h(
            "tr",
            { key: instant },
            h("td", {}, time(instant)),
            h("td", {}, exact(instant, own)),
            differs && h("td", {}, exact(instant)),
          ),
        ),
      ),
    ),
  );
}

const nodeOf = ({ inFlight, recent }) => inFlight?.nodeId ?? recent?.[0]?.nodeId;

function copyTable(copies, keys) {
  return table({
    label: "Copies",
    test: "copies",
    rows: copies,
    key: (copy) => copy.id,
    columns: [
      { title: "Node", kind: "lead", cell: (copy) => keys[nodeOf(copy)] ?? nodeOf(copy) ?? "—" },
      { title: "Next fire", kind: "tight", cell: (copy) => time(copy.nextFire) },
      { title: "Last", kind: "tight", cell: (copy) => copy.last && outcome(copy.last.outcome) },
      { title: "Fires", kind: "number", cell: (copy) => number(copy.counts.fires) },
      { title: "Failed", kind: "number", cell: (copy) => number(copy.counts.failed) },
    ],
  });
}

// waiting lists the children that carry a fire which is to begin.
function waiting(waits) {
  if (waits.length === 0) return null;
  return section(
    "Waiting",
    { more: "fires beside the schedule" },
    h(
      "div",
      { class: "card" },
      h(
        "ul",
        { class: "events" },
        waits.map((child) =>
          h(
            "li",
            { key: child.id },
            time(child.nextFire),
            icon("execute"),
            h(
              "span",
              {},
              chip(child.origin, { kind: "accent" }),
              child.lastError && h("span", { class: "small bad wrap" }, ` ${child.lastError}`),
            ),
          ),
        ),
      ),
    ),
  );
}

function about(execute, job) {
  const { schedule } = execute;
  const all = (name) => (execute[name] ? nanoseconds(execute[name]) : null);
  return facts([
    ["Schedule", h("code", {}, brief(schedule))],
    ["Zone", schedule.zone],
    ["Start", schedule.start && time(schedule.start, { show: exact })],
    ["End", schedule.end && time(schedule.end, { show: exact })],
    ["Class", h("code", {}, job.class)],
    ["Overlap", execute.overlapMax ? `${execute.overlap}, at most ${number(execute.overlapMax)}` : execute.overlap],
    ["Misfire", execute.catchUp ? `${execute.misfire}, at most ${number(execute.catchUp)}` : execute.misfire],
    ["Deadline", all("deadlineNs")],
    ["Timeout", all("timeoutNs")],
    [
      "Retries",
      execute.retryMax &&
        `${number(execute.retryMax)}, after ${all("retryDelayNs") ?? "1 s"}, then twice as long, at most ${all("retryCapNs") ?? "1 h"}`,
    ],
    ["Stops after failures in a row", execute.pauseAfter],
    ["Recoveries", execute.recover],
    ["Priority", execute.priority],
    ["Runs on", [execute.runOn, ...(execute.targets ?? [])].filter(Boolean).join(", ") || "what the app's mode says"],
    [
      "Changed",
      h("span", {}, time(execute.updatedAt), execute.updatedBy && h("span", { class: "muted" }, ` by ${execute.updatedBy}`)),
    ],
    ["Id", h("code", {}, execute.id)],
    [
      "Data",
      execute.data !== undefined
        ? h("pre", { class: "code", tabindex: "0", "aria-label": "Data" }, pretty(execute.data))
        : job.data !== undefined &&
          h(
            "div",
            { class: "stack" },
            h("span", { class: "small muted" }, "the job's"),
            h("pre", { class: "code", tabindex: "0", "aria-label": "Data of the job" }, pretty(job.data)),
          ),
      "wide",
    ],
  ]);
}
