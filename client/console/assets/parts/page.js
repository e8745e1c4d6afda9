// What pages are made of: a head with its actions, sections, facts, and a word
// where there is nothing to show.

import { h } from "../dom.js";
import { icon } from "./icon.js";

// head is the top of a page. crumbs lead to it: [address, text] each.
export function head({ title, crumbs = [], chips, note, actions }) {
  return h(
    "div",
    { class: "head" },
    h(
      "div",
      { class: "title" },
      crumbs.length > 0 &&
        h(
          "nav",
          { "aria-label": "Way to here" },
          h(
            "ol",
            { class: "crumbs" },
            crumbs.map(([address, text]) => h("li", {}, h("a", { href: address }, text))),
          ),
        ),
      h("div", { class: "line" }, h("h1", { "data-test": "title" }, title), chips),
      note && h("p", { class: "muted wrap" }, note),
    ),
    actions && h("div", { class: "actions" }, actions),
  );
}

export function section(title, { more, key, test } = {}, ...content) {
  return h(
    "section",
    { class: "section", key: key ?? title, "data-test": test, "aria-label": title },
    h("header", {}, h("h2", {}, title), more && h("span", { class: "more" }, more)),
    content,
  );
}

export const card = (...content) => h("div", { class: "card" }, content);

export function empty(picture, title, text, control, heading = "h2") {
  return h(
    "div",
    { class: "empty", "data-test": "empty" },
    icon(picture),
    h(heading, {}, title),
    text && h("p", {}, text),
    control,
  );
}

// facts lists [name, value] pairs; those without a value are left out, unless none
// says what to show.
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  return h(
    "dl",
    { class: "facts" },
    shown.map(([name, value, kind]) => h("div", { key: name, class: kind }, h("dt", {}, name), h("dd", {}, value))),
  );
}

export function tile({ label, value, note, address, kind, picture, test }) {
  return h(
    address ? "a" : "div",
    { class: "tile card", href: address, "data-test": test, key: label },
    h("span", { class: "label" }, picture && icon(picture), label),
    h("span", { class: `value ${kind ?? ""}` }, value),
    h("span", { class: "note" }, note),
  );
}

// button is one that does something; only a picture, where it has no words.
export function button({ label, words = label, picture, kind = "", small, busy, test, onclick, disabled, title }) {
  const only = words ? "" : " only";
  return h(
    "button",
    {
      type: "button",
      class: `button ${kind}${small ? " small" : ""}${only}`,
      onclick,
      disabled: Boolean(disabled),
      title: title ?? (words ? null : label),
      "aria-label": words === label ? null : label,
      "aria-busy": busy && "true",
      "data-test": test,
    },
    picture && icon(picture),
    words,
  );
}

export function link({ label, words = label, picture, kind = "", small, address, test }) {
  return h(
    "a",
    {
      class: `button ${kind}${small ? " small" : ""}${words ? "" : " only"}`,
      href: address,
      "aria-label": words === label ? null : label,
      "data-test": test,
    },
    picture && icon(picture),
    words,
  );
}

// menu holds what is done less often. Of its items, null is a line.
export function menu({ label, words, picture = "more", small, items, test }) {
  return h(
    "details",
    { class: "menu" },
    h(
      "summary",
      {
        class: `button${small ? " small plain" : ""}${words ? "" : " only"}`,
        "aria-label": words ? null : label,
        title: words ? null : label,
        "data-test": test,
      },
      words,
      icon(picture),
    ),
    h(
      "ul",
      {},
      items
        .filter((item) => item !== false && item !== undefined)
        .map((item) =>
          item === null
            ? h("li", { class: "line", "aria-hidden": "true" })
            : h(
                "li",
                { key: item.label },
                h(
                  item.address ? "a" : "button",
                  {
                    type: item.address ? null : "button",
                    href: item.address,
                    class: item.danger ? "danger" : "",
                    onclick: (event) => choose(event, item),
                    "data-test": item.test,
                  },
                  icon(item.picture),
                  item.label,
                ),
              ),
        ),
    ),
  );
}

function choose(event, item) {
  const menu = event.currentTarget.closest("details");
  menu.open = false;
  if (item.onclick) menu.querySelector("summary").focus();
  item.onclick?.();
}
