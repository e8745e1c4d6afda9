// How jobs, executes and fires are called wherever they are listed.

import { post } from "../api.js";
import { act, busy } from "../action.js";
import { h } from "../dom.js";
import { clock, duration, exact, time, zone } from "../format.js";
import { to } from "../router.js";
import { brief } from "../schedule.js";
import { operator } from "../session.js";
import { button } from "./page.js";
import { chip, origin } from "./state.js";
import { table } from "./table.js";

export const jobName = (job) => job?.name || job?.class || "a job that is gone";

export const executeName = (execute) => execute.name || brief(execute.schedule);

// executeLink names an execute below its job.
export function executeLink(execute, job) {
  return h(
    "div",
    { class: "stack" },
    h(
      "a",
      { class: "name", href: to(["executes", execute.id]) },
      jobName(job),
      h("span", { class: "muted" }, " / "),
      executeName(execute),
    ),
    reading(execute),
  );
}

// reading is the schedule in words, unless the name says as much.
export function reading(execute) {
  if (!execute.name && execute.schedule.type !== "CRON") return null;
  return h("span", { class: "sub" }, execute.explanation || brief(execute.schedule));
}

export const fireKey = (fire) => `${fire.executeId} ${fire.time} ${fire.attempt} ${fire.child ?? ""}`;

// fireRows lists fires in flight.
export function fireRows(fires, { brief: few, selection, of } = {}) {
  return table({
    label: "Running fires",
    test: "fires",
    rows: fires,
    key: fireKey,
    selection,
    columns: [
      !of && { title: "Execute", kind: "lead", cell: (fire) => fireLink(fire, few) },
      !few && !of && { title: "App", cell: (fire) => fire.app },
      !few && { title: "Node", kind: of ? "lead" : "", cell: nodeOf },
      !few && { title: "Due", kind: "tight spare", cell: (fire) => time(fire.time) },
      { title: "Runs for", kind: "number", cell: runsFor },
      !few && { title: "Kind", cell: kindOf },
      operator() && { title: "", kind: "do", cell: cancelButton },
    ],
  });
}

const nodeOf = (fire) => fire.nodeKey ?? fire.nodeId;

function kindOf({ origin: kind, attempt }) {
  return (kind || attempt > 1) && h("div", { class: "chips" }, origin(kind), attempt > 1 && chip(`attempt ${attempt}`));
}

function fireLink(fire, few) {
  return h(
    "div",
    { class: "stack" },
    h(
      "a",
      { class: "name", href: to(["executes", fire.executeId]) },
      fire.jobName || fire.class,
      fire.name && [h("span", { class: "muted" }, " / "), fire.name],
    ),
    h("span", { class: "sub" }, [fire.jobName && fire.class, few && `on ${nodeOf(fire)}`].filter(Boolean).join(", ")),
  );
}

function runsFor(fire) {
  if (!fire.claimed) return null;
  const since = Date.parse(fire.claimed);
  return h(
    "time",
    { datetime: fire.claimed, title: `since ${exact(fire.claimed)} ${zone}` },
    duration(Math.max(Math.floor((clock.now() - since) / 1000) * 1000, 0)),
  );
}

const STOPS = { CANCEL: "is being cancelled", SUSPEND: "is being suspended" };

export function cancelButton(fire) {
  if (fire.stop) return chip(STOPS[fire.stop] ?? fire.stop, { kind: "warn" });
  const name = `cancel ${fireKey(fire)}`;
  return button({
    label: `Cancel the fire of ${fire.jobName || fire.class}`,
    words: "Cancel",
    picture: "stop",
    kind: "danger",
    small: true,
    busy: busy(name),
    test: "cancel-fire",
    onclick: () => act(name, () => cancel(fire), "The fire was told to end."),
  });
}

export const cancel = ({ executeId, time, attempt }) => post("fire/cancel", { executeId, time, attempt });
