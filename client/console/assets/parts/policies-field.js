// The policies of an execute: how its fires are treated, and where they run.

import { h } from "../dom.js";
import { milliseconds, nanoseconds, typed } from "../span.js";
import { choice, number, span, text, whole } from "./field.js";

const MISFIRES = [
  ["FIRE_ONCE", "FIRE_ONCE: run the newest"],
  ["SKIP", "SKIP: count them as skipped"],
  ["FIRE_ALL", "FIRE_ALL: run all, oldest first"],
];

const OVERLAPS = [
  ["ALLOW", "ALLOW: run beside it"],
  ["SKIP", "SKIP: count it as skipped"],
  ["QUEUE", "QUEUE: run the newest after it"],
];

const PLACES = [
  ["", "What the app's mode says"],
  ["ANY", "ANY: one node, whichever"],
  ["MASTER", "MASTER: the app's master"],
  ["SOME", "SOME: one of the nodes named"],
  ["ALL", "ALL: every live node"],
];

const NUMBERS = ["catchUp", "overlapMax", "priority", "retryMax", "pauseAfter", "recover"];
const SPANS = ["deadlineNs", "timeoutNs", "retryDelayNs", "retryCapNs"];

const at = (name) => `policies.${name}`;

// typedIn is the policies of an execute as a form holds them.
export function typedIn(execute) {
  return {
    [at("misfire")]: execute.misfire ?? "FIRE_ONCE",
    [at("overlap")]: execute.overlap ?? "ALLOW",
    [at("runOn")]: execute.runOn ?? "",
    [at("targets")]: (execute.targets ?? []).join("\n"),
    ...Object.fromEntries(NUMBERS.map((name) => [at(name), String(execute[name] || "")])),
    ...Object.fromEntries(SPANS.map((name) => [at(name), typed((execute[name] ?? 0) / 1e6)])),
  };
}

// written is what a form holds as the API reads it, without what has no bearing on
// the choices that were made.
export function written(form) {
  const get = (name) => form.get(at(name));
  const out = { misfire: get("misfire"), overlap: get("overlap"), runOn: get("runOn") || undefined };
  for (const name of NUMBERS) out[name] = whole(get(name));
  for (const name of SPANS) out[name] = nanoseconds(milliseconds(get(name))) || undefined;
  if (out.misfire !== "FIRE_ALL") delete out.catchUp;
  if (out.overlap !== "ALLOW") delete out.overlapMax;
  if (!out.retryMax) for (const name of ["retryDelayNs", "retryCapNs"]) delete out[name];
  if (out.runOn === "SOME")
    out.targets = get("targets")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  return out;
}

export function policiesField(form) {
  const get = (name) => form.get(at(name));
  const retried = Boolean(whole(get("retryMax")));
  const groups = [
    [
      choice(form, at("overlap"), { label: "While an earlier fire runs", options: OVERLAPS }),
      get("overlap") === "ALLOW" &&
        number(form, at("overlapMax"), { label: "At most so many at a time", placeholder: "no limit" }),
      span(form, at("timeoutNs"), { label: "Timeout", hint: "A run that lasts longer is TIMED_OUT", placeholder: "none" }),
    ],
    [
      choice(form, at("misfire"), { label: "Fires that were missed", options: MISFIRES }),
      get("misfire") === "FIRE_ALL" && number(form, at("catchUp"), { label: "At most so many of them", placeholder: "1,000" }),
      span(form, at("deadlineNs"), { label: "Deadline", hint: "What would start later is skipped", placeholder: "none" }),
    ],
    [
      number(form, at("retryMax"), { label: "Retries of a failed fire", placeholder: "none" }),
      retried &&
        span(form, at("retryDelayNs"), { label: "Before the first retry", hint: "Doubled each time", placeholder: "1 s" }),
      retried && span(form, at("retryCapNs"), { label: "Before any retry at most", placeholder: "1 h" }),
    ],
    [
      number(form, at("pauseAfter"), {
        label: "Stop after failures in a row",
        placeholder: "never",
        hint: "The execute is then in ERROR",
      }),
      number(form, at("recover"), { label: "Recoveries", placeholder: "none", hint: "Run again where a node was lost" }),
      number(form, at("priority"), { label: "Priority", placeholder: "0", mode: "text", hint: "The higher goes first" }),
    ],
    [choice(form, at("runOn"), { label: "Where it runs", options: PLACES }), get("runOn") === "SOME" && targets(form)],
  ];
  return h(
    "fieldset",
    { class: "fields" },
    h("legend", {}, "Policies"),
    groups.map((fields, i) => h("div", { class: "fields three", key: i }, fields)),
  );
}

const targets = (form) => text(form, at("targets"), { label: "Node keys or labels", area: 3, hint: "One a line" });
