// Adding an execute below a job, and editing one.

import { get, post } from "../api.js";
import { h } from "../dom.js";
import { Form } from "../form.js";
import { live, redraw } from "../live.js";
import { complain, notify } from "../notice.js";
import { above, check, text } from "../parts/field.js";
import { jsonEditor, pretty } from "../parts/json-editor.js";
import { executeName, jobName } from "../parts/names.js";
import { head, link } from "../parts/page.js";
import * as policies from "../parts/policies-field.js";
import { Preview } from "../parts/preview.js";
import { scheduleField } from "../parts/schedule-field.js";
import { go, to } from "../router.js";
import * as schedule from "../schedule.js";

const typedIn = (execute) => ({
  name: execute.name ?? "",
  data: pretty(execute.data),
  ...(execute.schedule ? schedule.typedIn(execute.schedule) : schedule.none),
  ...policies.typedIn(execute),
});

// executeForm edits the execute of the id, or adds one to a job.
export function executeForm(id, jobID) {
  let execute = null; // that is edited
  let job = null;
  let form = null;
  let preview = null;
  begin();

  async function read() {
    if (id === null) ({ job } = await get("job", { id: jobID, limit: 1 }));
    else ({ execute, job } = await get("execute", { id, n: 0 }));
  }

  async function begin() {
    try {
      await read();
      form = new Form(execute ? typedIn(execute) : { ...typedIn({}), paused: false });
      preview = new Preview(form);
    } catch (failure) {
      live.failure = failure;
    }
    redraw();
  }

  async function again() {
    try {
      await read();
      form.rebase(typedIn(execute));
    } catch (failure) {
      complain(failure);
    }
  }

  async function send(event) {
    event.preventDefault();
    if (execute && !form.blocked() && !form.touched("")) return go(to(["executes", id]));
    const done = await form.submit(() => (execute ? save() : add()));
    if (!done) return;
    notify(execute ? "The execute was saved." : "The execute was added.");
    go(to(["executes", done.id]));
  }

  const add = () =>
    post(
      "execute/add",
      {
        job: jobID,
        name: form.get("name"),
        paused: form.get("paused"),
        schedule: schedule.written(form),
        policies: policies.written(form),
      },
      form.get("data"),
    );

  function save() {
    const body = { id, version: execute.version };
    if (form.touched("name")) body.name = form.get("name");
    if (form.touched("schedule.")) body.schedule = schedule.written(form);
    if (form.touched("policies.")) body.policies = policies.written(form);
    return post("execute/edit", body, form.touched("data") ? form.get("data") : undefined);
  }

  return {
    title: id === null ? "Add execute" : "Edit execute",
    draw() {
      if (!form) return null;
      form.begin();
      const back = execute ? to(["executes", id]) : to(["jobs", jobID]);
      const crumbs = [
        [to("jobs"), "Jobs"],
        [to(["jobs", job.id]), jobName(job)],
      ];
      return [
        head({
          title: execute ? `Edit ${executeName(execute)}` : "Add execute",
          crumbs: execute ? [...crumbs, [back, executeName(execute)]] : crumbs,
        }),
        h(
          "form",
          { class: "form", novalidate: true, onsubmit: send, "data-test": "execute-form" },
          above(form, again),
          scheduleField(form, preview, { edited: Boolean(execute) }),
          h("fieldset", { class: "fields" }, h("legend", {}, "What it is"), details(form, job, execute)),
          policies.policiesField(form),
          h(
            "div",
            { class: "send" },
            link({ label: "Cancel", address: back }),
            h(
              "button",
              { type: "submit", class: "button primary", "aria-disabled": form.busy && "true", "data-test": "submit" },
              execute ? "Save" : "Add execute",
            ),
          ),
        ),
      ];
    },
  };
}

function details(form, job, execute) {
  return [
    h(
      "div",
      { class: "fields two" },
      text(form, "name", { label: "Name", hint: "A handle, unique in the job; it may be left out" }),
    ),
    jsonEditor(form, "data", {
      label: "Data",
      rows: 5,
      hint:
        job.data === undefined
          ? "Overrides the job's data, which has none"
          : `Overrides the job's data: ${short(JSON.stringify(job.data))}`,
    }),
    !execute && check(form, "paused", { label: "Paused", hint: "It does not fire until it is resumed" }),
  ];
}

const short = (text) => (text.length > 120 ? `${text.slice(0, 120)}…` : text);
