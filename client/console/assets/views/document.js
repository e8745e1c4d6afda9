// An app's jobs and executes as one document: taken out, and put back after a look
// at what that would change.

import { post, url } from "../api.js";
import { confirm } from "../dialog.js";
import { h } from "../dom.js";
import { Form } from "../form.js";
import { number, plural } from "../format.js";
import { redraw } from "../live.js";
import { complain } from "../notice.js";
import { above, check, text } from "../parts/field.js";
import { appField } from "../parts/filters.js";
import { icon } from "../parts/icon.js";
import { button, empty, head, section } from "../parts/page.js";
import { chip } from "../parts/state.js";
import { operator, session } from "../session.js";

export function documentView(query) {
  const out = new Form({ app: query.get("app") ?? session.apps[0] ?? "" });
  const put = new Form({ document: "", app: "", prune: false });
  put.whole = "document";
  let diff = null; // of what stands in the form
  let of = null; // what that was made of
  let applied = false;

  const body = () => ({ document: put.get("document"), app: put.get("app") || undefined, prune: put.get("prune") });

  async function compare(event) {
    event?.preventDefault();
    const asked = JSON.stringify(put.values);
    const answer = await put.submit(() => post("document/diff", body()));
    diff = answer ?? null;
    of = asked;
    applied = false;
    redraw();
  }

  async function apply() {
    const done = await confirm({
      title: `Make ${plural(diff.changes.length, "change")} to ${diff.app}?`,
      text: [counts(diff), gone(diff) > 0 ? "What is deleted cannot be brought back." : "Nothing is deleted."],
      action: "Apply",
      danger: gone(diff) > 0,
      submit: () => post("document/apply", body()),
    });
    if (!done) return;
    diff = done;
    applied = true;
    redraw();
  }

  async function read(event) {
    const file = event.target.files[0];
    if (!file) return;
    try {
      put.set("document", new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
    } catch {
      complain({ message: `the file ${file.name} cannot be read as UTF-8` });
    }
    event.target.value = "";
  }

  return {
    title: "Import & export",
    draw: () => {
      put.begin();
      const fresh = diff && of === JSON.stringify(put.values);
      return [
        head({
          title: "Import & export",
          note: "All jobs and executes of an app as one document, without ids and counts, so that it can be kept in git.",
        }),
        section("Export", {}, taken(out)),
        section("Import", {}, given(put, { compare, read })),
        fresh &&
          section(
            applied ? "What was changed" : "What would change",
            { more: plural(diff.unchanged, "part", "parts") + " unchanged" },
            shown(diff, applied, apply),
          ),
      ];
    },
  };
}

function taken(form) {
  const app = form.get("app");
  const save = (format) =>
    h(
      "a",
      {
        class: `button${app ? "" : " disabled"}`,
        href: url("document", { app, format }),
        download: `${app}.${format}`,
        "data-test": `export-${format}`,
      },
      icon("download"),
      format.toUpperCase(),
    );
  return h(
    "div",
    { class: "card pad" },
    h("div", { class: "filters" }, appField(form, "app"), app && save("yaml"), app && save("json")),
  );
}

function given(form, { compare, read }) {
  return h(
    "form",
    { class: "card pad fields document", novalidate: true, onsubmit: compare, "data-test": "import" },
    above(form),
    text(form, "document", {
      label: "Document",
      area: 16,
      mono: true,
      hint: "YAML or JSON, as it was exported",
      placeholder: "app: billing\njobs:\n  - name: invoices\n    class: invoice.send",
    }),
    h(
      "div",
      { class: "fields three" },
      fileField(read),
      text(form, "app", { label: "Into another app", placeholder: "the document's" }),
    ),
    check(form, "prune", {
      label: "Delete what the document does not name",
      hint: "Jobs and executes of the app that stand nowhere in it",
    }),
    h(
      "div",
      { class: "send" },
      h(
        "button",
        { type: "submit", class: "button primary", disabled: !form.get("document").trim(), "data-test": "compare" },
        "Show what would change",
      ),
    ),
  );
}

function fileField(read) {
  return h(
    "div",
    { class: "field" },
    h("label", { for: "document-file" }, "Or a file"),
    h("input", { id: "document-file", type: "file", accept: ".yaml,.yml,.json", onchange: read, "data-test": "file" }),
  );
}

const kinds = {
  created: ["good", "plus"],
  updated: ["busy", "edit"],
  deleted: ["bad", "trash"],
};

const gone = ({ changes }) => changes.filter(({ change }) => change === "deleted").length;

function counts({ changes }) {
  const sums = {};
  for (const { change, kind } of changes) {
    const name = `${kind} ${change}`;
    sums[name] = (sums[name] ?? 0) + 1;
  }
  return (
    Object.entries(sums)
      .map(([name, n]) => plural(n, name.split(" ")[0]) + ` ${name.split(" ")[1]}`)
      .join(", ") + "."
  );
}

function shown(diff, applied, apply) {
  const over = diff.over?.length > 0 && leftOut(diff.over);
  if (diff.changes.length === 0) {
    const words = applied || over ? "" : `${diff.app} is what the document says.`;
    return [over, h("div", { class: "card" }, empty("check", "Nothing", words))];
  }
  return [
    over,
    h(
      "div",
      { class: "card" },
      h(
        "ul",
        { class: "changes", "data-test": "changes" },
        diff.changes.map((change, i) => one(change, i, diff.app)),
      ),
    ),
    applied
      ? h(
          "p",
          { class: "pages good", role: "status", "data-test": "applied" },
          icon("check"),
          `${plural(diff.changes.length, "change")} made.`,
        )
      : h(
          "div",
          { class: "pages" },
          h("span", { class: "says" }, counts(diff)),
          operator() &&
            button({
              label: `Apply ${number(diff.changes.length)}`,
              words: "Apply…",
              picture: "check",
              kind: "primary",
              onclick: apply,
              test: "apply",
            }),
        ),
  ];
}

function leftOut(places) {
  return h(
    "div",
    { class: "banner warn", "data-test": "over" },
    icon("alert"),
    h(
      "div",
      {},
      `${plural(places.length, "execute")} would have nothing left to fire and ${places.length === 1 ? "is" : "are"} left out: ${places.join(", ")}.`,
    ),
  );
}

function one({ kind, job, execute, change, fields = [] }, i, app) {
  const [colour, picture] = kinds[change] ?? ["", "edit"];
  return h(
    "li",
    { key: i },
    h(
      "div",
      { class: "what" },
      chip(change, { kind: colour, picture }),
      h("span", { class: "muted" }, kind),
      h("b", {}, [job ?? app, execute].filter(Boolean).join(" / ")),
    ),
    fields.length > 0 &&
      h(
        "dl",
        {},
        fields.map(({ field, old, new: now }) =>
          h("div", { key: field }, h("dt", {}, field), h("dd", {}, old && [h("del", {}, old), " "], now && h("ins", {}, now))),
        ),
      ),
  );
}
