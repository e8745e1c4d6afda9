// Adding a job, and editing one.

import { get, post } from "../api.js";
import { h } from "../dom.js";
import { Form } from "../form.js";
import { live, redraw } from "../live.js";
import { complain, notify } from "../notice.js";
import { above, check, text } from "../parts/field.js";
import { appField } from "../parts/filters.js";
import { jsonEditor, pretty } from "../parts/json-editor.js";
import { jobName } from "../parts/names.js";
import { head, link } from "../parts/page.js";
import { go, to } from "../router.js";
import { session } from "../session.js";

const typedIn = (job) => ({
  name: job.name ?? "",
  class: job.class ?? "",
  description: job.description ?? "",
  data: pretty(job.data),
});

export function jobForm(id, query) {
  let job = null; // that is edited
  let form = null;
  if (id === null) form = new Form({ app: query.get("app") ?? session.apps[0] ?? "", ...typedIn({}), paused: false });
  else begin();

  async function read() {
    const { job } = await get("job", { id, limit: 1 });
    return job;
  }

  async function begin() {
    try {
      job = await read();
      form = new Form(typedIn(job));
    } catch (failure) {
      live.failure = failure;
    }
    redraw();
  }

  async function again() {
    try {
      job = await read();
      form.rebase(typedIn(job));
    } catch (failure) {
      complain(failure);
    }
  }

  async function send(event) {
    event.preventDefault();
    if (job && !form.touched("")) return go(to(["jobs", id]));
    const done = await form.submit(() => (job ? save() : add()));
    if (!done) return;
    notify(job ? "The job was saved." : "The job was added. An execute says when it fires.");
    go(to(["jobs", done.id]));
  }

  const add = () => post("job/add", { ...form.values, data: undefined }, form.get("data"));

  function save() {
    const body = { id, version: job.version };
    for (const name of ["name", "class", "description"]) if (form.touched(name)) body[name] = form.get(name).trim();
    return post("job/edit", body, form.touched("data") ? form.get("data") : undefined);
  }

  return {
    title: id === null ? "Add job" : "Edit job",
    draw() {
      if (!form) return null;
      form.begin();
      const back = job ? to(["jobs", id]) : to("jobs");
      return [
        head({
          title: job ? `Edit ${jobName(job)}` : "Add job",
          crumbs: [[to("jobs"), "Jobs"], ...(job ? [[back, jobName(job)]] : [])],
        }),
        h(
          "form",
          { class: "form", novalidate: true, onsubmit: send, "data-test": "job-form" },
          above(form, again),
          h("fieldset", { class: "fields" }, h("legend", {}, "What to run"), fields(form, job)),
          h(
            "div",
            { class: "send" },
            link({ label: "Cancel", address: back }),
            h(
              "button",
              { type: "submit", class: "button primary", "aria-disabled": form.busy && "true", "data-test": "submit" },
              job ? "Save" : "Add job",
            ),
          ),
        ),
      ];
    },
  };
}

function fields(form, job) {
  return [
    h(
      "div",
      { class: "fields two" },
      !job && appField(form, "app"),
      text(form, "class", { label: "Class", mono: true, hint: "The name of a handler of the workers" }),
      text(form, "name", { label: "Name", hint: "A handle, unique in the app; it may be left out" }),
      text(form, "description", { label: "Description" }),
    ),
    jsonEditor(form, "data", { label: "Data", hint: "What the handler gets: a JSON object or array; it may be left out" }),
    !job && check(form, "paused", { label: "Paused", hint: "Nothing below it fires until it is resumed" }),
  ];
}
