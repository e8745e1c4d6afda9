// Dialogs are the browser's own: it keeps the focus in them and lets Escape close
// them.

import { h, patch } from "./dom.js";
import { hold, resume } from "./live.js";
import { complain, sentence } from "./notice.js";
import { icon } from "./parts/icon.js";

let numbers = 0;

// ask opens a dialog and promises what its submit returned, or undefined when it
// was closed. What is under way when it is closed goes on: it promises that as well,
// and tells a failure outside. body describes what stands in it, given the last failure
// and a function that draws anew; it says shown where it shows that failure itself.
// Without a submit there is nothing to do but close it.
export function ask({ title, body, action = "OK", danger = false, wide = false, submit, test }) {
  const element = document.createElement("dialog");
  const id = `dialog-${++numbers}`;
  const state = { failure: null, shown: false, busy: false, redraw: draw };
  let answer, finish;

  async function send(event) {
    event.preventDefault();
    if (state.busy) return;
    if (state.form?.blocked()) return point();
    Object.assign(state, { busy: true, failure: null });
    draw();
    hold();
    try {
      answer = (await submit()) ?? true;
      element.close();
    } catch (failure) {
      state.failure = failure;
    }
    resume();
    state.busy = false;
    draw();
    point();
    if (state.failure && !element.open) complain(state.failure);
    if (!element.isConnected) finish(answer);
  }

  const point = () => element.querySelector("[aria-invalid=true]")?.focus();

  function draw() {
    patch(
      element,
      h(
        "form",
        { method: "dialog", novalidate: true, onsubmit: submit && send },
        h("h2", { id }, title),
        h("div", { class: "body" }, body(state)),
        state.failure && !state.shown && told(state.failure),
        h(
          "footer",
          {},
          h(
            "button",
            { type: "button", class: "button", autofocus: danger, onclick: () => element.close(), "data-test": "dialog-close" },
            submit && !state.busy ? "Cancel" : "Close",
          ),
          submit &&
            h(
              "button",
              {
                type: "submit",
                class: `button primary${danger ? " danger" : ""}`,
                disabled: state.busy,
                "data-test": "dialog-submit",
              },
              action,
            ),
        ),
      ),
    );
  }

  element.className = wide ? "wide" : "";
  element.setAttribute("aria-labelledby", id);
  element.dataset.test = test ?? "dialog";
  draw();
  document.body.append(element);
  element.showModal();
  return new Promise((resolve) => {
    finish = resolve;
    element.onclose = () => {
      element.remove();
      if (!state.busy) finish(answer);
    };
  });
}

function told(failure) {
  return h("div", { class: "banner bad", role: "alert" }, icon("alert"), h("div", {}, sentence(failure)));
}

// confirm asks whether to do what cannot be taken back, or reaches far.
export function confirm({ title, text, action, danger = true, submit }) {
  return ask({
    title,
    action,
    danger,
    submit: submit ?? (() => true),
    body: () => [text].flat().map((line) => (line.tag ? line : h("p", {}, line))),
    test: "confirm",
  });
}
