// The jobs of all apps, or those that a filter finds.

import { h } from "../dom.js";
import { time } from "../format.js";
import { filters } from "../parts/filters.js";
import { card, empty, head, link } from "../parts/page.js";
import { Pages, list as listed, pages, soFar } from "../parts/pages.js";
import { Selection, bulk } from "../parts/selection.js";
import { state } from "../parts/state.js";
import { table } from "../parts/table.js";
import { to } from "../router.js";
import { operator } from "../session.js";

const VERBS = [
  ["pause", "Pause", "pause", "None of their executes is claimed until they are resumed. What runs goes on."],
  ["resume", "Resume", "play", "Their executes go on in the states that they have."],
  ["delete", "Delete", "trash", "They go with all their executes. This cannot be taken back."],
];

export function jobsView(query) {
  const list = new Pages();
  const selection = new Selection();
  const narrowed = () => ({ app: query.get("app"), text: query.get("text"), class: query.get("class") });
  return {
    title: "Jobs",
    turned(now) {
      query = now;
      selection.clear();
    },
    load: (signal) =>
      listed("jobs", { ...narrowed(), state: query.get("state"), cursor: query.get("cursor"), descending: true }, signal),
    draw: (jobs) => [
      head({
        title: "Jobs",
        note: "A job says what to run: a class, which is the name of a handler, and its data.",
        actions:
          operator() &&
          link({
            label: "Add job",
            picture: "plus",
            kind: "primary",
            address: to(["jobs", "add"], { app: query.get("app") }),
            test: "add-job",
          }),
      }),
      filters(query, { names: ["text", "app", "state", "class"], placeholder: "Name, class or description" }),
      jobs.items.length === 0 ? card(jobs.next ? soFar("job") : none(query)) : jobTable(jobs.items, operator() && selection),
      pages(list, query, jobs, "job"),
      operator() &&
        bulk({
          selection,
          of: "jobs",
          noun: "job",
          verbs: VERBS,
          more: jobs.next,
          bounded: Boolean(query.get("app")),
          filter: present({ ...narrowed(), states: query.get("state") && [query.get("state")] }),
        }),
    ],
  };
}

// present leaves out what a filter does not say.
export const present = (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

function none(query) {
  return query.size > 0
    ? empty("job", "No such job", "Nothing matches the filter.", h("a", { class: "button", href: to("jobs") }, "Show all"))
    : empty("job", "There is no job yet", "Add one here, or from a program with client.AddJob.");
}

function jobTable(jobs, selection) {
  return table({
    label: "Jobs",
    test: "jobs",
    rows: jobs,
    key: (job) => job.id,
    selection,
    columns: [
      { title: "Job", kind: "lead", cell: name },
      { title: "App", cell: (job) => h("a", { href: to(["apps", job.app]) }, job.app) },
      { title: "State", kind: "tight", cell: (job) => state(job.state) },
      { title: "Description", kind: "long", cell: (job) => h("span", { class: "muted" }, job.description) },
      {
        title: "Changed",
        kind: "tight",
        cell: (job) =>
          h("div", { class: "stack" }, time(job.updatedAt), job.updatedBy && h("span", { class: "sub" }, `by ${job.updatedBy}`)),
      },
    ],
  });
}

function name(job) {
  return h(
    "div",
    { class: "stack" },
    h("a", { class: "name", href: to(["jobs", job.id]) }, job.name || job.class),
    job.name && h("span", { class: "sub mono" }, job.class),
  );
}
