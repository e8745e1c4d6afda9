// The pages of a list. Its cursor stands in the address; the way back is known as
// long as the page is open.

import { h } from "../dom.js";
import { plural } from "../format.js";
import { route, go, to } from "../router.js";
import { icon } from "./icon.js";

// Pages remembers of each cursor that it has led to the one before; null is the first.
export class Pages {
  before = new Map();

  turn(cursor) {
    const { parts, query } = route();
    cursor ? query.set("cursor", cursor) : query.delete("cursor");
    go(to(parts, query));
    scrollTo(0, 0);
  }

  next(current, cursor) {
    this.before.set(cursor, current);
    this.turn(cursor);
  }
}

export function pages(list, query, { items, next }, noun, nouns) {
  const cursor = query.get("cursor");
  if (!cursor && !next) return items.length > 0 && h("p", { class: "pages" }, plural(items.length, noun, nouns));
  return h(
    "nav",
    { class: "pages", "aria-label": "Pages" },
    h("span", { class: "says" }, `${plural(items.length, noun, nouns)} on this page`),
    step("First", !cursor, () => list.turn(null)),
    step("Previous", !list.before.has(cursor), () => list.turn(list.before.get(cursor)), "previous"),
    step("Next", !next, () => list.next(cursor, next), "next"),
  );
}

function step(words, disabled, onclick, picture) {
  return h(
    "button",
    { key: words, type: "button", class: "button small", disabled, onclick, "data-test": `page-${words.toLowerCase()}` },
    picture && icon(picture),
    words,
  );
}
