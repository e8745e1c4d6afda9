// The executes of all apps, or those that a filter finds.

import { h } from "../dom.js";
import { filters } from "../parts/filters.js";
import { executeTable } from "../parts/execute-table.js";
import { card, empty, head } from "../parts/page.js";
import { Pages, list as listed, pages, soFar } from "../parts/pages.js";
import { Selection, bulk } from "../parts/selection.js";
import { to } from "../router.js";
import { operator } from "../session.js";
import { present } from "./jobs.js";

const LATE = "10s"; // how long what is overdue is due

const VERBS = [
  ["pause", "Pause", "pause", "None of them is claimed until it is resumed. What runs goes on."],
  [
    "resume",
    "Resume",
    "play",
    "They fire again by their schedules. What they missed meanwhile is treated by their misfire policies.",
  ],
  ["delete", "Delete", "trash", "They go, and with them their counts and their last fires. This cannot be taken back."],
];

export function executesView(query) {
  const list = new Pages();
  const selection = new Selection();
  const narrowed = () => ({
    app: query.get("app"),
    text: query.get("text"),
    class: query.get("class"),
    job: query.get("job"),
    failing: query.get("failing") === "true",
    overdue: query.get("overdue") && LATE,
  });
  return {
    title: "Executes",
    turned(now) {
      query = now;
      selection.clear();
    },
    load: (signal) =>
      listed("executes", { ...narrowed(), state: query.get("state"), cursor: query.get("cursor"), ...order(query) }, signal),
    draw: (executes) => [
      head({ title: "Executes", note: "An execute says when a job fires: a schedule with its policies." }),
      filters(query, {
        names: ["text", "app", "state", "class"],
        placeholder: "Name, cron expression or error",
        toggles: {
          ...(query.get("job") && { job: [query.get("job"), "One job"] }),
          failing: ["true", "Failing"],
          overdue: ["true", "Overdue"],
          sort: ["nextFire", "Soonest first"],
        },
      }),
      executes.items.length === 0
        ? card(executes.next ? soFar("execute") : none(query))
        : executeTable(executes.items, { jobs: executes.jobs, selection: operator() && selection }),
      pages(list, query, executes, "execute"),
      operator() &&
        bulk({
          selection,
          of: "executes",
          noun: "execute",
          verbs: VERBS,
          more: executes.next,
          bounded: Boolean(query.get("app") || query.get("job")),
          filter: present({ ...narrowed(), states: query.get("state") && [query.get("state")] }),
        }),
    ],
  };
}

// order is the newest first, unless it is asked otherwise.
function order(query) {
  return query.get("sort") === "nextFire" ? { sort: "nextFire" } : { descending: true };
}

function none(query) {
  return query.size > 0
    ? empty(
        "execute",
        "No such execute",
        "Nothing matches the filter.",
        h("a", { class: "button", href: to("executes") }, "Show all"),
      )
    : empty(
        "execute",
        "There is no execute yet",
        "Open a job to add one below it.",
        h("a", { class: "button", href: to("jobs") }, "Jobs"),
      );
}
