// A cron expression, and below it which of its parts says what.

import { h } from "../dom.js";
import { text } from "./field.js";

const NAMES = ["second", "minute", "hour", "day of month", "month", "day of week", "year"];

const EXAMPLES = [
  ["0 0 8 ? * MON-FRI", "08:00 on working days"],
  ["0 0/15 * * * ?", "every quarter of an hour"],
  ["0 30 2 * * ?", "02:30 every day"],
  ["0 0 6 1 * ?", "06:00 on the first of the month"],
  ["0 0 18 L * ?", "18:00 on the last day of the month"],
  ["0 0 9 ? * MON#1", "09:00 on the first Monday of the month"],
  ["*/5 * * * *", "every 5 minutes, in the form of Unix"],
  ["@daily", "midnight"],
];

export function cronField(form, name) {
  return h(
    "div",
    { class: "cron", key: name },
    text(form, name, {
      label: "Cron expression",
      mono: true,
      list: "cron-examples",
      placeholder: "0 0 8 ? * MON-FRI",
      hint: "Quartz with 6 or 7 parts, seconds first; Unix with 5; or @daily and the like.",
    }),
    h(
      "datalist",
      { id: "cron-examples" },
      EXAMPLES.map(([value, words]) => h("option", { key: value, value }, words)),
    ),
    legend((form.get(name) ?? "").trim()),
  );
}

function legend(expression) {
  const parts = expression.split(/\s+/).filter(Boolean);
  if (expression.startsWith("@") || parts.length < 5 || parts.length > 7) return null;
  const names = parts.length === 5 ? NAMES.slice(1, 6) : NAMES;
  return h(
    "ol",
    { class: "parts", "aria-label": "Parts of the expression" },
    parts.map((part, i) => h("li", { key: i }, h("code", {}, part), h("span", {}, names[i]))),
  );
}
