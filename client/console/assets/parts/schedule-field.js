// When an execute fires: by cron, at intervals, at one time, or now.

import { h } from "../dom.js";
import { zone } from "../format.js";
import { cronField } from "./cron-field.js";
import { choices, instant, number, span, text } from "./field.js";

const KINDS = [
  ["cron", "Cron"],
  ["every", "Every"],
  ["at", "At a time"],
  ["now", "Now"],
];

const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];

// scheduleField draws the fields of the kind that is chosen. An execute that is
// edited cannot be one for now.
export function scheduleField(form, preview, { edited }) {
  const kind = form.get("schedule.kind");
  return h(
    "fieldset",
    { class: "fields" },
    h("legend", {}, "Schedule"),
    choices(form, "schedule.kind", { label: "It fires", options: KINDS.filter(([name]) => name !== "now" || !edited) }),
    fields[kind](form),
    kind === "now" ? h("p", { class: "muted" }, "It fires once, as soon as a node has room.") : preview.draw(),
  );
}

const fields = {
  cron: (form) => [
    cronField(form, "schedule.cron"),
    h(
      "div",
      { class: "fields three", key: "when" },
      text(form, "schedule.zone", { label: "Zone", list: "zones", placeholder: "UTC", hint: "In which the expression is read" }),
      h(
        "datalist",
        { id: "zones" },
        zones.map((name) => h("option", { key: name, value: name })),
      ),
      bounds(form, "Earliest"),
    ),
  ],
  every: (form) =>
    h(
      "div",
      { class: "fields three", key: "when" },
      span(form, "schedule.interval", { label: "Interval" }),
      number(form, "schedule.count", { label: "Times", placeholder: "for ever" }),
      h("div", { class: "spacer" }),
      bounds(form, "First"),
    ),
  at: (form) =>
    h(
      "div",
      { class: "fields three", key: "when" },
      instant(form, "schedule.start", { label: "Time", hint: `In ${zone}`, required: true }),
    ),
  now: () => null,
};

function bounds(form, first) {
  return [
    instant(form, "schedule.start", { label: first, hint: `In ${zone}; none is now` }),
    instant(form, "schedule.end", { label: "Last", hint: `In ${zone}; none is for ever` }),
  ];
}
