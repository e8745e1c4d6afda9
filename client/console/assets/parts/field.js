// Fields of forms: a label, a control, a hint, and what is wrong, each tied to the
// control for those who do not see it.

import { h } from "../dom.js";
import { milliseconds, units } from "../span.js";
import { icon } from "./icon.js";

const idOf = (name) => `field-${name.replace(/[^\w-]/g, "-")}`;

// field frames a control. make describes it, given the attributes that tie it.
export function field(form, name, { label, hint, kind = "" }, make) {
  const id = idOf(name);
  const error = form.error(name);
  const other = form.others[name];
  const notes = [hint && `${id}-hint`, error && `${id}-error`, other !== undefined && `${id}-other`].filter(Boolean);
  return h(
    "div",
    { key: name, class: `field ${kind}${error ? " wrong" : ""}` },
    h("label", { for: id }, label),
    make({ id, "aria-describedby": notes.join(" ") || null, "aria-invalid": error && "true", "data-test": name }),
    error && h("p", { id: `${id}-error`, class: "error", "data-test": `error-${name}` }, icon("alert"), h("span", {}, error)),
    other !== undefined &&
      h(
        "p",
        { id: `${id}-other`, class: "other" },
        "Meanwhile it was changed to ",
        h("code", {}, String(other) || "nothing"),
        ". ",
        h("button", { type: "button", class: "link", onclick: () => form.set(name, other) }, "Take that"),
      ),
    hint && h("p", { id: `${id}-hint`, class: "hint" }, hint),
  );
}

export function text(form, name, { type = "text", placeholder, list, mono, mode, area, ...about }) {
  return field(form, name, about, (tie) =>
    h(area ? "textarea" : "input", {
      type: area ? null : type,
      rows: area,
      placeholder,
      list,
      ...tie,
      class: mono ? "mono" : null,
      inputmode: mode,
      autocomplete: "off",
      spellcheck: mono ? "false" : null,
      value: form.get(name) ?? "",
      oninput: (event) => form.set(name, event.target.value),
    }),
  );
}

export function number(form, name, about) {
  if (typeof whole(form.get(name)) === "string") form.wrong[name] = "It must be a whole number";
  return text(form, name, { mode: "numeric", ...about });
}

// whole reads a whole number; nothing is left out, and what is none stays text.
export function whole(text) {
  const trimmed = String(text ?? "").trim();
  if (trimmed === "") return undefined;
  return /^-?\d{1,15}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

// choice is one of [value, text] pairs.
export function choice(form, name, { options, ...about }) {
  return field(form, name, about, (tie) =>
    h(
      "select",
      { ...tie, value: form.get(name) ?? "", onchange: (event) => form.set(name, event.target.value) },
      options.map(([value, words]) => h("option", { key: value, value }, words)),
    ),
  );
}

export function check(form, name, { label, hint }) {
  const id = idOf(name);
  return h(
    "div",
    { key: name, class: "field check" },
    h("input", {
      id,
      type: "checkbox",
      checked: Boolean(form.get(name)),
      onchange: (event) => form.set(name, event.target.checked),
      "aria-describedby": hint && `${id}-hint`,
      "data-test": name,
    }),
    h("label", { for: id }, label),
    hint && h("p", { id: `${id}-hint`, class: "hint" }, hint),
  );
}

// span is a length of time: a number and its unit.
export function span(form, name, about) {
  if (Number.isNaN(milliseconds(form.get(name)))) form.wrong[name] = "It must be a number";
  const [n, unit] = (form.get(name) ?? " s").split(" ");
  return field(form, name, about, (tie) =>
    h(
      "div",
      { class: "pair" },
      h("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        placeholder: about.placeholder,
        ...tie,
        value: n,
        oninput: (event) => form.set(name, `${event.target.value.replace(/ /g, "")} ${unit}`),
      }),
      h(
        "select",
        {
          "aria-label": `Unit of ${about.label}`,
          value: unit,
          onchange: (event) => form.set(name, `${n} ${event.target.value}`),
          "data-test": `${name}.unit`,
        },
        Object.keys(units).map((name) => h("option", { key: name, value: name }, name)),
      ),
    ),
  );
}

// instant is a time of the reader's zone. One that is typed in part reads as empty;
// the browser knows better.
export function instant(form, name, { required, ...about }) {
  const part = document.getElementById(idOf(name))?.validity.badInput;
  if (part || (required && !form.get(name))) form.wrong[name] = "It must be a date and a time of day";
  return text(form, name, { type: "datetime-local", ...about });
}

// local is an instant as such a field holds it, and universal reads it.
export function local(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
  return shifted.replace(/\.000Z$|Z$/, "");
}

export function universal(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

// choices are the buttons of which one is pressed.
export function choices(form, name, { label, options }) {
  return h(
    "div",
    { key: name, class: "field" },
    h("span", { class: "label", id: `${idOf(name)}-label` }, label),
    h(
      "div",
      { class: "group", role: "group", "aria-labelledby": `${idOf(name)}-label` },
      options.map(([value, words]) =>
        h(
          "button",
          {
            key: value,
            type: "button",
            class: "button",
            "aria-pressed": String(form.get(name) === value),
            onclick: () => form.set(name, value),
            "data-test": `${name}-${value}`,
          },
          words,
        ),
      ),
    ),
  );
}

// above is what a form tells of no single field, and of somebody who was faster.
export function above(form, reload) {
  const words = form.elsewhere;
  return [
    form.conflict &&
      h(
        "div",
        { key: "conflict", class: "banner warn", role: "alert", "data-test": "conflict" },
        icon("alert"),
        h("div", {}, "Somebody else has changed this since you began. Nothing of yours was written."),
        h(
          "button",
          { type: "button", class: "button small", onclick: reload, "data-test": "rebase" },
          "Load it again, keep what I typed",
        ),
      ),
    words &&
      h(
        "div",
        { key: "failure", class: "banner bad", role: "alert", "data-test": "form-failure" },
        icon("alert"),
        h("div", {}, words),
      ),
  ];
}
