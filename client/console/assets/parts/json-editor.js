// JSON as text, with what is wrong shown at its place.

import { parse } from "../api.js";
import { h } from "../dom.js";
import { number } from "../format.js";
import { check, excerpt } from "../json.js";
import { field } from "./field.js";

const MOST = 4000; // bytes that a row has room for

const encoder = new TextEncoder();

// pretty is data as text with one member a line.
export function pretty(data) {
  return data === undefined || data === null ? "" : JSON.stringify(data, null, 2);
}

// jsonEditor is a field for an object or an array. What cannot be sent is in
// form.wrong, which keeps the form from being sent; none says why nothing cannot.
export function jsonEditor(form, name, { label, hint, none = null, rows = 7 }) {
  const text = form.get(name) ?? "";
  const error = text.trim() ? check(text) : null;
  const bytes = encoder.encode(text).length;
  form.wrong[name] = form.touched(name) ? wrong(text, error, bytes, none) : null;
  return field(form, name, { label, hint, kind: "wide" }, (tie) =>
    h(
      "div",
      { class: "editor" },
      h("textarea", {
        ...tie,
        class: "mono",
        rows,
        value: text,
        spellcheck: "false",
        autocapitalize: "off",
        autocomplete: "off",
        oninput: (event) => form.set(name, event.target.value),
      }),
      error && h("pre", { class: "place", "aria-hidden": "true", "data-test": `${name}-place` }, excerpt(text, error)),
      h(
        "div",
        { class: "under" },
        h("span", { class: bytes > MOST ? "bad" : "muted" }, `${number(bytes)} of ${number(MOST)} bytes`),
        error && h("button", { type: "button", class: "link", onclick: (event) => show(event, error) }, "Go there"),
        text.trim() &&
          !error &&
          h("button", { type: "button", class: "link", onclick: () => form.set(name, pretty(parse(text))) }, "Format"),
      ),
    ),
  );
}

function wrong(text, error, bytes, none) {
  if (error) return `Line ${error.line}, column ${error.column}: ${error.message}`;
  if (bytes > MOST) return `It has ${number(bytes)} bytes, at most ${number(MOST)} are allowed`;
  if (/^\s*(null\s*)?$/.test(text)) return none;
  return /^\s*[{[]/.test(text) ? null : "It must be an object or an array, not a single value";
}

function show(event, { at }) {
  const area = event.target.closest(".editor").querySelector("textarea");
  area.focus();
  area.setSelectionRange(at, at + 1);
}
