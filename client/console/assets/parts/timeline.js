// The last and the next fires of an execute as a picture: to the left of now each
// fire that ended is a bar as high as it ran long, to the right each one that is to
// come is a ring. The two sides have scales of their own.

import { h } from "../dom.js";
import { clock, exact, nanoseconds, relative } from "../format.js";
import { outcomeKind } from "./state.js";

const BASE = 104; // the line of time
const HIGH = 76; // the longest run
const EDGE = 18;
const INSET = 14; // so that nothing hides the line of now

const narrow = matchMedia("(max-width: 900px)");

export function timeline({ past = [], running = [], next = [] }) {
  const now = clock.now();
  const width = narrow.matches ? 420 : 1000;
  const middle = width * 0.56;
  const ended = past.map((fire) => ({ ...fire, at: Date.parse(fire.started ?? fire.time), ms: (fire.durationNs ?? 0) / 1e6 }));
  const begun = running.map((fire) => ({ ...fire, at: Date.parse(fire.claimed ?? fire.time) }));
  const due = next.map((time) => ({ time, at: Date.parse(time) }));
  const back = side([...ended, ...begun], now, middle - INSET, EDGE);
  const ahead = side(due, now, middle + INSET, width - EDGE);
  const longest = Math.max(1, ...ended.map(({ ms }) => ms));
  return h(
    "figure",
    { class: "timeline", "data-test": "timeline" },
    h(
      "svg",
      { viewBox: `0 0 ${width} 138`, role: "img", "aria-label": words(ended, begun, due) },
      h("path", { class: "axis", d: `M${EDGE - 8} ${BASE}H${width - EDGE + 8}` }),
      h("path", { class: "now", d: `M${middle} 8V${BASE + 8}` }),
      h("text", { class: "now", x: middle, y: BASE + 26, "text-anchor": "middle" }, "now"),
      ticks(back, now, ["middle", "start"]),
      ticks(ahead, now, ["middle", "end"]),
      due.map((fire) => ring(fire, ahead.x(fire.at))),
      begun.map((fire) => runs(fire, back.x(fire.at), middle)),
      ended.map((fire) => bar(fire, back.x(fire.at), Math.sqrt(fire.ms / longest))),
    ),
    h("figcaption", {}, legend()),
  );
}

// side puts instants on one side of now, the farthest at its edge.
function side(fires, now, from, until) {
  const far = Math.max(0, ...fires.map(({ at }) => Math.abs(at - now)));
  return { far, sign: Math.sign(until - from), x: (at) => from + (far ? Math.abs(at - now) / far : 0) * (until - from) };
}

// ticks names the distance from now at the middle of a side and at its edge.
function ticks({ far, sign, x }, now, anchors) {
  if (far < 2000) return null;
  return anchors.map((anchor, i) => {
    const at = now + (sign * far * (i + 1)) / 2;
    return h(
      "g",
      { key: `${sign} ${i}`, class: `tick part-${i}` },
      h("path", { d: `M${x(at).toFixed(1)} ${BASE}v6` }),
      h("text", { x: (x(at) + i * sign * 8).toFixed(1), y: BASE + 26, "text-anchor": anchor }, relative(at)),
    );
  });
}

function bar(fire, x, part) {
  const height = Math.max(part * HIGH, 7);
  const ran = fire.durationNs === undefined ? "" : `, ran ${nanoseconds(fire.durationNs)}`;
  return h(
    "g",
    { key: `${fire.time} ${fire.attempt} ${fire.started} ${fire.nodeId}`, class: `fire ${outcomeKind(fire.outcome)}` },
    h("title", {}, `${fire.outcome}, ${exact(fire.time)}${ran}${fire.error ? `\n${fire.error}` : ""}`),
    h("rect", { x: (x - 5).toFixed(1), y: (BASE - height).toFixed(1), width: 10, height: height.toFixed(1), rx: 3 }),
    fire.outcome !== "SUCCEEDED" &&
      h("path", { class: "mark", d: `M${(x - 4).toFixed(1)} ${(BASE - height - 14).toFixed(1)}l8 8m0-8l-8 8` }),
  );
}

function runs(fire, x, middle) {
  return h(
    "g",
    { key: `runs ${fire.time} ${fire.attempt} ${fire.child ?? ""}`, class: "fire busy" },
    h("title", {}, `Runs since ${exact(fire.claimed ?? fire.time)}`),
    h("path", { class: "span", d: `M${x.toFixed(1)} ${BASE}H${middle}` }),
    h("circle", { class: "beat", cx: x.toFixed(1), cy: BASE, r: 6 }),
  );
}

function ring(fire, x) {
  return h(
    "g",
    { key: fire.time, class: "next" },
    h("title", {}, `${relative(fire.time)}: ${exact(fire.time)}`),
    h("circle", { cx: x.toFixed(1), cy: BASE, r: 5.5 }),
  );
}

function words(ended, begun, due) {
  const bad = ended.filter(({ outcome }) => outcome !== "SUCCEEDED").length;
  return [
    ended.length ? `The last ${ended.length} fires: ${ended.length - bad} succeeded, ${bad} did not.` : "It has not fired yet.",
    begun.length ? `${begun.length} running.` : "",
    due.length ? `The next fire is ${relative(due[0].time)}.` : "No fire is to come.",
  ].join(" ");
}

const KINDS = [
  ["good", "succeeded"],
  ["bad", "failed, timed out"],
  ["warn", "lost"],
  ["idle", "cancelled"],
  ["busy", "running"],
  ["next", "to come"],
];

function legend() {
  return h(
    "ul",
    { class: "legend" },
    KINDS.map(([kind, text]) => h("li", { key: kind }, h("i", { class: kind }), text)),
    h("li", {}, "height: how long it ran"),
  );
}
