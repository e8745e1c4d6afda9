// Executes in a list.

import { h } from "../dom.js";
import { clock, duration, number, time } from "../format.js";
import { to } from "../router.js";
import { executeLink, executeName, reading } from "./names.js";
import { chip, outcome, state } from "./state.js";
import { table } from "./table.js";

const LATE = 10_000; // an enabled execute that is due for longer is overdue, in ms

// executeTable lists executes of many jobs, whose names are in jobs, or of one.
export function executeTable(executes, { jobs, selection }) {
  return table({
    label: "Executes",
    test: "executes",
    rows: executes,
    key: (execute) => execute.id,
    selection,
    columns: [
      { title: "Execute", kind: "lead", cell: (execute) => (jobs ? executeLink(execute, jobs[execute.jobId]) : own(execute)) },
      jobs && { title: "App", cell: (execute) => h("a", { href: to(["apps", execute.app]) }, execute.app) },
      {
        title: "State",
        kind: "tight",
        cell: (execute) =>
          h(
            "div",
            { class: "chips" },
            state(execute.state),
            jobs?.[execute.jobId]?.state === "PAUSED" &&
              chip("job PAUSED", { kind: "warn", picture: "pause", title: "Its job is paused, so it does not fire" }),
          ),
      },
      { title: "Next fire", kind: "tight", cell: next },
      { title: "Last", kind: "tight", cell: last },
      { title: "Fires", kind: "number", cell: fires },
    ],
  });
}

function own(execute) {
  return h(
    "div",
    { class: "stack" },
    h("a", { class: "name", href: to(["executes", execute.id]) }, executeName(execute)),
    reading(execute),
  );
}

function next(execute) {
  const late =
    execute.state === "EXECUTING" && execute.nextFire && execute.runOn !== "ALL" ? clock.now() - Date.parse(execute.nextFire) : 0;
  return h(
    "div",
    { class: "stack" },
    time(execute.nextFire),
    execute.inFlight && h("span", { class: "small" }, chip("running", { kind: "busy", picture: "running" })),
    late > LATE &&
      !execute.inFlight &&
      h("span", {}, chip("overdue", { kind: "warn", picture: "execute", title: `Due for ${duration(late)} and not claimed` })),
  );
}

function last({ last, lastError }) {
  if (!last) return h("span", { class: "none" }, "never");
  const bad = last.outcome !== "SUCCEEDED" && lastError;
  return h(
    "div",
    { class: "stack" },
    h("span", {}, outcome(last.outcome)),
    h("span", { class: "sub", title: bad ? lastError : null }, time(last.ended ?? last.time)),
  );
}

function fires({ counts }) {
  const lost = [counts.failed && `${number(counts.failed)} failed`, counts.lost && `${number(counts.lost)} lost`]
    .filter(Boolean)
    .join(", ");
  return h(
    "div",
    { class: "stack" },
    h("span", {}, number(counts.fires)),
    lost && h("span", { class: "sub bad" }, lost),
    counts.failStreak > 1 && h("span", { class: "sub bad" }, `${number(counts.failStreak)} in a row`),
  );
}
