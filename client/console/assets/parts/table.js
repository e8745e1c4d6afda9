// A table whose rows are told apart by a key, so that they stay where they are
// while what they say changes. Where there is no room it is a list of cards, and
// its roles say that it is a table all the same.

import { h } from "../dom.js";

// table shows rows. A column has a title, a cell that describes what stands in it,
// and a kind: lead is the one that names the row, do holds its buttons. Rows are
// chosen where a selection is given.
export function table({ label, columns, rows, key, selection, old, test }) {
  const shown = columns.filter(Boolean);
  return h(
    "div",
    { class: "card" },
    h(
      "table",
      { class: "table", role: "table", "aria-label": label, "data-test": test },
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          selection && h("th", { class: "check", scope: "col", role: "columnheader" }, all(rows.map(key), selection)),
          shown.map(({ title, kind = "" }) =>
            h(
              "th",
              { key: title, class: kind, scope: "col", role: "columnheader" },
              title || h("span", { class: "unseen" }, "Actions"),
            ),
          ),
        ),
      ),
      h(
        "tbody",
        { role: "rowgroup" },
        rows.map((row) => line(row, { key: key(row), shown, selection, old: old?.(row) })),
      ),
    ),
  );
}

function line(row, { key, shown, selection, old }) {
  const chosen = Boolean(selection) && selection.has(key);
  return h(
    "tr",
    { key, role: "row", class: `${chosen ? "chosen" : ""}${old ? " old" : ""}`, "data-key": key },
    selection &&
      h(
        "td",
        { class: "check", role: "cell" },
        h("input", {
          type: "checkbox",
          checked: chosen,
          "aria-label": "Choose this row",
          onchange: () => selection.toggle([key]),
          "data-test": "choose",
        }),
      ),
    shown.map(({ title, kind = "", cell }) => {
      const content = cell(row);
      const bare = [content].flat(Infinity).every((part) => part === null || part === undefined || part === false || part === "");
      return h("td", { key: title, role: "cell", class: `${kind}${bare ? " bare" : ""}`, "data-label": title }, content);
    }),
  );
}

function all(keys, selection) {
  const chosen = keys.filter((key) => selection.has(key)).length;
  return h("input", {
    type: "checkbox",
    checked: chosen > 0 && chosen === keys.length,
    indeterminate: chosen > 0 && chosen < keys.length,
    "aria-label": "Choose all rows of this page",
    onchange: () => selection.toggle(keys, chosen < keys.length),
    "data-test": "choose-all",
  });
}
