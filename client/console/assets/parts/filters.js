// What narrows a list. It stands in the address, so that a list can be kept and
// sent to somebody.

import { h } from "../dom.js";
import { route, to, turn } from "../router.js";
import { session } from "../session.js";
import { choice, text } from "./field.js";
import { icon } from "./icon.js";
import { stateNames } from "./state.js";

// setQuery changes the query of the place; another filter begins at the first page.
export function setQuery(changes) {
  const { parts, query } = route();
  query.delete("cursor");
  for (const [name, value] of Object.entries(changes)) {
    value ? query.set(name, value) : query.delete(name);
  }
  turn(to(parts, query));
}

// filters draws the named ones: text, app, state, class, and toggles as
// { name: [value, words] }.
export function filters(query, { names, toggles = {}, placeholder }) {
  return h(
    "search",
    { class: "filters", "aria-label": "Filters" },
    names.includes("text") &&
      input("text", query, { label: "Search", kind: "search", type: "search", placeholder, "data-search": true }),
    names.includes("app") && select("app", query, "App", appOptions(query.get("app"))),
    names.includes("state") && select("state", query, "State", stateNames),
    names.includes("class") && input("class", query, { label: "Class", placeholder: "exactly" }),
    Object.keys(toggles).length > 0 &&
      h(
        "div",
        { class: "toggles group", role: "group", "aria-label": "Only" },
        Object.entries(toggles).map(([name, [value, words]]) => {
          const on = query.get(name) === value;
          return h(
            "button",
            {
              key: name + value,
              type: "button",
              class: "button",
              "aria-pressed": String(on),
              onclick: () => setQuery({ [name]: on ? null : value }),
              "data-test": `filter-${name}-${value}`,
            },
            on && icon("check"),
            words,
          );
        }),
      ),
  );
}

function input(name, query, { label, kind = "", ...props }) {
  const id = `filter-${name}`;
  return h(
    "div",
    { class: `field ${kind}`, key: name },
    h("label", { for: id }, label),
    h("input", {
      id,
      type: "text",
      autocomplete: "off",
      value: query.get(name) ?? "",
      oninput: (event) => setQuery({ [name]: event.target.value }),
      "data-test": id,
      ...props,
    }),
  );
}

function select(name, query, label, options) {
  const id = `filter-${name}`;
  return h(
    "div",
    { class: "field", key: name },
    h("label", { for: id }, label),
    h(
      "select",
      { id, value: query.get(name) ?? "", onchange: (event) => setQuery({ [name]: event.target.value }), "data-test": id },
      h("option", { value: "", key: "" }, "All"),
      options.map((option) => h("option", { key: option, value: option }, option)),
    ),
  );
}

function appOptions(current) {
  return !current || session.apps.includes(current) ? session.apps : [...session.apps, current];
}

// appField asks for an app: one of those that there are, unless they are too many.
export function appField(form, name, about = {}) {
  if (session.more || session.apps.length === 0) return text(form, name, { label: "App", ...about });
  return choice(form, name, { label: "App", options: appOptions(form.get(name)).map((app) => [app, app]), ...about });
}
