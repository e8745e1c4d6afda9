// Fires that ended, the newest first.

import { h } from "../dom.js";
import { duration, nanoseconds, relative, short, time } from "../format.js";
import { outcome } from "./state.js";
import { table } from "./table.js";

const PROMPT = 1000; // a start that is less late is none to mention, in ms

// pastTable lists them; keys are the node keys by node id, of those that still live.
export function pastTable(fires, keys) {
  return table({
    label: "Last fires",
    test: "recent",
    rows: fires,
    key: (fire) => `${fire.time} ${fire.attempt} ${fire.started ?? ""} ${fire.nodeId ?? ""}`,
    columns: [
      { title: "Due", kind: "lead tight", cell: due },
      { title: "Outcome", kind: "tight", cell: (fire) => outcome(fire.outcome) },
      { title: "Ran for", kind: "number", cell: (fire) => fire.durationNs !== undefined && nanoseconds(fire.durationNs) },
      {
        title: "Node",
        cell: (fire) => fire.nodeId && h("span", { title: `node id ${fire.nodeId}` }, keys[fire.nodeId] ?? "one that has left"),
      },
      { title: "Attempt", kind: "number", cell: (fire) => fire.attempt },
      { title: "Error", kind: "long", cell: (fire) => fire.error && h("span", { class: "small bad" }, fire.error) },
    ],
  });
}

function due(fire) {
  const late = fire.started ? Date.parse(fire.started) - Date.parse(fire.time) : 0;
  return h(
    "div",
    { class: "stack" },
    h("span", {}, time(fire.time, { show: short }), h("span", { class: "sub" }, ` ${relative(fire.time)}`)),
    late >= PROMPT && h("span", { class: "sub" }, `started ${duration(late)} later`),
  );
}
