// One job, and the executes below it.

import { get, post } from "../api.js";
import { act, busy } from "../action.js";
import { ask, confirm } from "../dialog.js";
import { h } from "../dom.js";
import { Form } from "../form.js";
import { plural, time } from "../format.js";
import { executeTable } from "../parts/execute-table.js";
import { above, check, text } from "../parts/field.js";
import { appField } from "../parts/filters.js";
import { pretty } from "../parts/json-editor.js";
import { fireRows, jobName } from "../parts/names.js";
import { button, card, empty, facts, head, link, menu, section } from "../parts/page.js";
import { list } from "../parts/pages.js";
import { Selection, bulk, left } from "../parts/selection.js";
import { state } from "../parts/state.js";
import { notify } from "../notice.js";
import { go, to } from "../router.js";
import { operator, session } from "../session.js";

const VERBS = [
  ["pause", "Pause", "pause", "None of them is claimed until it is resumed. What runs goes on."],
  ["resume", "Resume", "play", "They fire again by their schedules."],
  ["delete", "Delete", "trash", "They go, and with them their counts and their last fires. This cannot be taken back."],
];

export function jobView(id) {
  const selection = new Selection();
  return {
    title: "Job",
    async load(signal) {
      const [all, fires] = await Promise.all([get("job", { id, limit: 100 }, signal), list("fires", { job: id }, signal)]);
      this.title = jobName(all.job);
      return { ...all, fires };
    },
    draw: (data) => draw(data, selection),
  };
}

function draw({ job, executes, fires }, selection) {
  return [
    head({
      title: jobName(job),
      crumbs: [
        [to("jobs"), "Jobs"],
        [to(["apps", job.app]), job.app],
      ],
      chips: state(job.state),
      note: job.description,
      actions: operator() && actions(job, executes),
    }),
    h("div", { class: "card pad" }, about(job)),
    section(
      "Executes",
      {
        more:
          operator() &&
          link({ label: "Add execute", picture: "plus", small: true, address: to(["jobs", job.id, "add"]), test: "add-execute" }),
      },
      executes.items.length
        ? executeTable(executes.items, { selection: operator() && selection })
        : card(
            empty(
              "execute",
              "It has no execute",
              "An execute says when the job fires. Without one it never does.",
              operator() &&
                link({
                  label: "Add execute",
                  picture: "plus",
                  kind: "primary",
                  address: to(["jobs", job.id, "add"]),
                  test: "add-first-execute",
                }),
            ),
          ),
      executes.next && h("p", { class: "pages" }, h("a", { href: to("executes", { job: job.id }) }, "All executes of the job")),
    ),
    fires.items.length > 0 && section("Running now", {}, fireRows(fires.items)),
    operator() &&
      bulk({
        selection,
        of: "executes",
        noun: "execute",
        verbs: VERBS,
        filter: { job: job.id },
        bounded: true,
        more: executes.next,
      }),
  ];
}

function about(job) {
  return facts([
    ["Class", h("code", {}, job.class)],
    ["App", h("a", { href: to(["apps", job.app]) }, job.app)],
    ["Changed", h("span", {}, time(job.updatedAt), job.updatedBy && h("span", { class: "muted" }, ` by ${job.updatedBy}`))],
    ["Id", h("code", {}, job.id)],
    [
      "Data",
      job.data !== undefined && h("pre", { class: "code", tabindex: "0", "aria-label": "Data" }, pretty(job.data)),
      "wide",
    ],
  ]);
}

function actions(job, executes) {
  const paused = job.state === "PAUSED" || job.state === "INIT";
  return [
    link({ label: "Edit", picture: "edit", address: to(["jobs", job.id, "edit"]), test: "edit-job" }),
    paused
      ? button({
          label: "Resume",
          picture: "play",
          kind: "primary",
          busy: busy(`resume ${job.id}`),
          onclick: () => change("resume", job, "The job was resumed."),
          test: "resume-job",
        })
      : button({
          label: "Pause",
          picture: "pause",
          busy: busy(`pause ${job.id}`),
          onclick: () => change("pause", job, "The job was paused."),
          test: "pause-job",
        }),
    menu({
      label: "More for this job",
      test: "job-menu",
      items: [
        {
          label: "Pause with its executes",
          picture: "pause",
          test: "pause-with-executes",
          onclick: () => change("pause", job, "", true),
        },
        {
          label: "Resume with its executes",
          picture: "play",
          test: "resume-with-executes",
          onclick: () => change("resume", job, "", true),
        },
        { label: "Copy…", picture: "copy", test: "copy-job", onclick: () => copy(job) },
        null,
        { label: "Delete…", picture: "trash", danger: true, test: "delete-job", onclick: () => remove(job, executes) },
      ],
    }),
  ];
}

async function change(verb, job, done, withExecutes = false) {
  const told = ({ changed }) => done || `The job and ${plural(changed, "execute")} of it were changed.`;
  const answer = await act(`${verb} ${job.id}`, () => post(`job/${verb}`, { id: job.id, withExecutes }), told);
  if (answer?.left?.length > 0) left(answer.left, "execute");
}

async function copy(job) {
  const other = session.apps.find((app) => app !== job.app) ?? job.app;
  const form = new Form({ app: other, name: job.name ?? "", paused: false });
  const copied = await ask({
    title: `Copy ${jobName(job)}`,
    action: "Copy",
    body: (dialog) => {
      form.follow(dialog);
      return [
        h("p", {}, "The job and its executes are added anew. Their states are kept, their counts are not."),
        above(form),
        appField(form, "app", { label: "To app" }),
        text(form, "name", { label: "Name", hint: "Unique in the app" }),
        check(form, "paused", { label: "Paused", hint: "Nothing below the copy fires until it is resumed" }),
      ];
    },
    submit: () => post("job/copy", { id: job.id, ...form.values }),
  });
  if (!copied) return;
  notify(`The job and ${plural(copied.executes?.length ?? 0, "execute")} were copied to ${copied.job.app}.`);
  go(to(["jobs", copied.job.id]));
}

async function remove(job, executes) {
  const n = executes.items.length;
  const amount = executes.next ? `more than ${plural(n, "execute")}` : plural(n, "execute");
  const done = await confirm({
    title: `Delete ${jobName(job)}?`,
    text:
      n > 0
        ? `It goes, and with it ${amount}, their counts and their last fires. This cannot be taken back.`
        : "It has no executes. This cannot be taken back.",
    action: n > 0 ? `Delete the job and ${amount}` : "Delete the job",
    submit: () => post("job/delete", { id: job.id, withExecutes: n > 0 }),
  });
  if (!done) return;
  notify("The job was deleted.");
  go(to("jobs", { app: job.app }));
}
