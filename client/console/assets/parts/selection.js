// What was chosen of a list, and what is done to it: to the rows that were ticked,
// or to all that the filter finds.

import { get, post } from "../api.js";
import { act, busy } from "../action.js";
import { ask } from "../dialog.js";
import { h } from "../dom.js";
import { number, plural } from "../format.js";
import { redraw } from "../live.js";
import { button } from "./page.js";

const MOST = 1000; // ids that a call takes, and rows that are counted beforehand
const PAGE = 200;

export class Selection {
  keys = new Set();
  all = false; // all that the filter finds

  has(key) {
    return this.all || this.keys.has(key);
  }

  toggle(keys, on) {
    this.all = false;
    for (const key of keys) (on ?? !this.keys.has(key)) && this.keys.size < MOST ? this.keys.add(key) : this.keys.delete(key);
    redraw();
  }

  everything() {
    this.all = true;
    redraw();
  }

  clear() {
    this.keys.clear();
    this.all = false;
    redraw();
  }
}

// bulk is the bar below a list. of is the list's path, filter what narrows it, and
// bounded whether that is narrow enough for all of it to be changed at once. verbs
// are [verb, word, picture, what happens].
export function bulk({ selection, of, filter, bounded, noun, verbs, more }) {
  const n = selection.keys.size;
  if (n === 0 && !selection.all) return null;
  return h(
    "div",
    { class: "selection", key: "selection", role: "region", "aria-label": "Selection", "data-test": "selection" },
    h(
      "span",
      { class: "says" },
      h("b", {}, selection.all ? `All that the filter finds` : `${number(n)} chosen`),
      !selection.all &&
        more &&
        bounded && [
          " ",
          h(
            "button",
            { type: "button", class: "link", onclick: () => selection.everything(), "data-test": "choose-everything" },
            "Choose all that the filter finds",
          ),
        ],
    ),
    verbs.map(([verb, words, picture, happens]) =>
      button({
        label: `${words} what is chosen`,
        words,
        picture,
        kind: verb === "delete" ? "danger" : "",
        small: true,
        busy: busy(`${of} ${verb}`),
        test: `bulk-${verb}`,
        onclick: () => change({ selection, of, filter, noun, verb, words, happens }),
      }),
    ),
    chooseNothing(selection),
  );
}

// chooseNothing is the button that ends a selection.
export function chooseNothing(selection) {
  return button({
    label: "Choose nothing",
    words: "",
    picture: "cross",
    kind: "plain",
    small: true,
    onclick: () => selection.clear(),
    test: "choose-nothing",
  });
}

async function change({ selection, of, filter, noun, verb, words, happens }) {
  const body = selection.all ? filter : { ids: [...selection.keys] };
  const count = selection.all ? await act(`${of} ${verb}`, () => counted(of, filter)) : { n: selection.keys.size };
  if (!count) return;
  const amount = `${count.more ? "more than " : ""}${plural(count.n, noun)}`;
  const answer = await ask({
    title: `${words} ${amount}?`,
    action: words,
    danger: verb === "delete",
    test: "confirm",
    body: () => [h("p", {}, happens), selection.all && h("p", { class: "muted" }, describe(filter))],
    submit: () => send(`${of}/${verb}`, body),
  });
  if (!answer) return;
  selection.clear();
  await act(`${of} ${verb}`, async () => answer, `${number(answer.changed)} of ${plural(answer.matched, noun)} changed.`);
  if (answer.left.length > 0) left(answer.left, noun);
}

// counted counts what a filter finds, up to a bound.
async function counted(of, { states, ...filter }) {
  let n = 0;
  let cursor;
  do {
    const page = await get(of, { ...filter, state: states, limit: PAGE, cursor });
    n += page.items.length;
    cursor = page.next;
  } while (cursor && n < MOST);
  return { n, more: Boolean(cursor) };
}

// send calls until nothing more is to be changed. A failure tells what was changed
// in all calls.
async function send(path, body) {
  const sum = { matched: 0, changed: 0, left: [] };
  for (let cursor; ;) {
    const answer = await post(path, { ...body, cursor }).catch((failure) => {
      failure.changed = sum.changed + (failure.changed ?? 0);
      throw failure;
    });
    cursor = answer.next;
    sum.matched += answer.matched;
    sum.changed += answer.changed;
    sum.left.push(...(answer.left ?? []));
    if (!answer.more || (answer.changed === 0 && !cursor)) return sum;
  }
}

function describe(filter) {
  const parts = Object.entries(filter).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `The filter is ${parts.map(([name, value]) => `${name} ${[value].flat().join(", ")}`).join("; ")}.`;
}

// left tells what could not be changed, and why.
export function left(conflicts, noun) {
  return ask({
    title: `${plural(conflicts.length, noun)} could not be changed`,
    body: () =>
      h(
        "ul",
        { class: "list", tabindex: "0", role: "group", "aria-label": "What was left" },
        conflicts.map(({ key, state, reason }) => h("li", { key }, h("code", {}, key), ` is ${state}: ${reason}`)),
      ),
  });
}
