// Words that come up in a corner: what was done, which go by themselves, and what
// was not, which stay until they are read.

import { h, patch } from "./dom.js";
import { number } from "./format.js";
import { icon } from "./parts/icon.js";

const SECONDS = 6;

let notices = [];
let made = 0;

export const notify = (text) => add("good", text, SECONDS);

export const complain = (failure) => add("bad", sentence(failure));

// sentence is what to tell of a failure, beginning with a capital letter.
export function sentence({ message, reference, changed }) {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  const told = reference ? `${text} (reference ${reference})` : text;
  return changed ? `${told}. ${number(changed)} had been changed before, and stay so.` : told;
}

function add(kind, text, seconds) {
  const notice = { id: ++made, kind, text };
  notices = [...notices.slice(-3), notice];
  if (seconds) setTimeout(() => drop(notice), seconds * 1000);
  draw();
}

function drop(notice) {
  notices = notices.filter((other) => other !== notice);
  draw();
}

// draw keeps two regions, since a screen reader is told of a failure at once and of
// the rest when it is silent.
export function draw() {
  for (const kind of ["good", "bad"]) {
    patch(document.getElementById(`notices-${kind}`), notices.filter((notice) => notice.kind === kind).map(one));
  }
}

function one(notice) {
  return h(
    "div",
    { key: notice.id, class: `notice ${notice.kind}`, "data-test": `notice-${notice.kind}` },
    icon(notice.kind === "good" ? "check" : "alert", { class: `icon ${notice.kind}` }),
    h("div", {}, notice.text),
    h(
      "button",
      { type: "button", class: "button plain only small", "aria-label": "Dismiss", onclick: () => drop(notice) },
      icon("cross"),
    ),
  );
}
