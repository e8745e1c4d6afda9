// Small pictures of amounts.

import { h } from "../dom.js";
import { number } from "../format.js";
import { stateNames } from "./state.js";

// load is the slots in use of those that there are.
export function load(running, capacity) {
  if (!capacity) return h("span", { class: "muted" }, running ? `${number(running)} running` : "no slots");
  const part = Math.min(running / capacity, 1);
  return h(
    "div",
    { class: `load${part >= 0.9 ? " full" : ""}`, title: `${number(running)} of ${number(capacity)} slots in use` },
    h(
      "svg",
      { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      h("rect", { width: (part * 100).toFixed(1), height: 6 }),
    ),
    h("span", { class: "small" }, `${number(running)} / ${number(capacity)}`),
  );
}

// byState is how many there are of each state.
export function byState(counts, address) {
  const present = stateNames.filter((name) => counts?.[name]);
  const all = present.reduce((sum, name) => sum + counts[name], 0);
  if (!all) return h("span", { class: "none" }, "none");
  let from = 0;
  return h(
    "div",
    { class: "stackbar" },
    h(
      "svg",
      { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      present.map((name) => {
        const width = (counts[name] / all) * 100;
        from += width;
        return h("rect", {
          key: name,
          class: name,
          x: (from - width).toFixed(2),
          width: Math.max(width, 0.8).toFixed(2),
          height: 6,
        });
      }),
    ),
    h(
      "ul",
      { class: "legend" },
      present.map((name) =>
        h("li", { key: name }, h("i", { class: name }), h("a", { href: address(name) }, `${number(counts[name])} ${name}`)),
      ),
    ),
  );
}
