// What can be done to an execute.

import { post } from "../api.js";
import { act, busy } from "../action.js";
import { ask, confirm } from "../dialog.js";
import { h } from "../dom.js";
import { Form } from "../form.js";
import { plural } from "../format.js";
import { refresh } from "../live.js";
import { notify } from "../notice.js";
import { above } from "../parts/field.js";
import { jsonEditor, pretty } from "../parts/json-editor.js";
import { executeName } from "../parts/names.js";
import { button, link, menu } from "../parts/page.js";
import { go, to } from "../router.js";

const FAILED = ["FAILED", "TIMED_OUT", "CANCELLED", "LOST"];

// actions are for an execute and what there is of it now: the first of the fires that
// run, whether there are more, and those that wait.
export function actions(execute, job, { fires, more, waits }) {
  const now = { n: fires.length, told: `${more ? "more than " : ""}${plural(fires.length, "fire")}` };
  const on = execute.state === "EXECUTING";
  const over = execute.state === "COMPLETE";
  return [
    (on || over) &&
      button({
        label: "Run now",
        picture: "run",
        kind: "primary",
        busy: busy(`run ${execute.id}`),
        onclick: () => run(execute, job),
        test: "run-now",
      }),
    FAILED.includes(execute.last?.outcome) &&
      button({
        label: "Retry the last fire",
        picture: "retry",
        busy: busy(`retry ${execute.id}`),
        onclick: () => change("retry", execute, "The last fire runs again."),
        test: "retry",
      }),
    on || execute.state === "INIT"
      ? button({
          label: "Pause",
          picture: "pause",
          busy: busy(`pause ${execute.id}`),
          onclick: () => change("pause", execute, "The execute was paused."),
          test: "pause",
        })
      : !over &&
        button({
          label: "Resume",
          picture: "play",
          kind: "primary",
          busy: busy(`resume ${execute.id}`),
          onclick: () => change("resume", execute, "The execute was resumed."),
          test: "resume",
        }),
    link({ label: "Edit", picture: "edit", address: to(["executes", execute.id, "edit"]), test: "edit" }),
    menu({
      label: "More for this execute",
      test: "execute-menu",
      items: [
        (now.n > 0 || waits.length > 0) && {
          label: "Cancel all that runs or waits…",
          picture: "stop",
          danger: true,
          test: "cancel-all",
          onclick: () => cancelAll(execute),
        },
        on && { label: "Suspend…", picture: "pause", test: "suspend", onclick: () => suspend(execute, now) },
        (over || execute.state === "ERROR") && {
          label: "Reset…",
          picture: "reset",
          test: "reset",
          onclick: () => reset(execute),
        },
        { label: "All of its job", picture: "job", address: to(["jobs", job.id]) },
        null,
        { label: "Delete…", picture: "trash", danger: true, test: "delete", onclick: () => remove(execute, now) },
      ],
    }),
  ];
}

const change = (verb, { id }, done) => act(`${verb} ${id}`, () => post(`execute/${verb}`, { id }), done);

async function run(execute, job) {
  const form = new Form({ data: pretty(execute.data ?? job.data) });
  const fires = await ask({
    title: "Run now",
    action: "Run now",
    wide: true,
    test: "run-dialog",
    body: (state) => {
      form.follow(state);
      return [
        h("p", {}, "It fires once, beside its schedule, on a node that it may run on."),
        above(form),
        jsonEditor(form, "data", {
          label: "Data",
          hint: "Of this run alone",
          none: "Left empty, it would run with the data it has: write {} for none",
          rows: 9,
        }),
      ];
    },
    submit: () => post("execute/run", { id: execute.id }, form.touched("data") ? form.get("data") : undefined),
  });
  if (!fires) return;
  notify(
    fires.items.length === 1
      ? "It runs as soon as a node takes it."
      : `${plural(fires.items.length, "fire")} run as soon as nodes take them.`,
  );
  refresh();
}

async function cancelAll(execute) {
  const yes = await confirm({
    title: "Cancel all that runs or waits?",
    text: "Every fire of this execute that runs or waits is ended and recorded as CANCELLED. Its schedule goes on.",
    action: "Cancel them",
  });
  if (yes)
    act(
      `cancel ${execute.id}`,
      () => post("execute/cancel", { id: execute.id }),
      ({ cancelled }) => `${plural(cancelled ?? 0, "fire")} ended or told to end.`,
    );
}

async function suspend(execute, { n, told }) {
  const yes = await confirm({
    title: "Suspend this execute?",
    text: [
      `It is paused, and ${n ? `${told} of it ${n === 1 ? "ends" : "end"}` : "nothing of it runs"}.`,
      "When it is resumed, what was ended goes on from its checkpoint.",
    ],
    action: "Suspend",
    danger: false,
  });
  if (yes) change("suspend", execute, "The execute was suspended.");
}

async function reset(execute) {
  const yes = await confirm({
    title: "Reset this execute?",
    text: "It begins anew: its failures in a row are forgotten, and its next fire is computed from now on. Its counts stay.",
    action: "Reset",
    danger: false,
  });
  if (yes) change("reset", execute, "The execute begins anew.");
}

async function remove(execute, { n, told }) {
  const done = await confirm({
    title: `Delete ${executeName(execute)}?`,
    text: [
      "It goes, and with it its counts and its last fires. This cannot be taken back.",
      n > 0 ? `There ${n === 1 ? "is" : "are"} ${told} of it running.` : "Nothing of it is running.",
    ],
    action: "Delete the execute",
    submit: () => post("execute/delete", { id: execute.id }),
  });
  if (!done) return;
  notify("The execute was deleted.");
  go(to(["jobs", execute.jobId]));
}
