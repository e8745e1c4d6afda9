// The pages of a list. Its cursor stands in the address; the way back is known as
// long as the page is open.

import { get } from "../api.js";
import { h } from "../dom.js";
import { plural } from "../format.js";
import { route, go, to } from "../router.js";
import { icon } from "./icon.js";
import { empty } from "./page.js";

const LIMIT = 50;
const PATIENCE = 1000; // how long a page is filled, in ms

// list gets a page of a list. The page of a search ends where it has looked at enough
// rows, with a next and maybe without an item: it is filled from those behind it for a
// while, until it has as many items as were asked for, or as there are, where that is
// known.
export async function list(path, query, signal, known = Infinity) {
  const limit = query.limit ?? LIMIT;
  const enough = Math.min(limit, known);
  const until = Date.now() + PATIENCE;
  const page = await get(path, { ...query, limit }, signal);
  while (page.next && page.items.length < enough && Date.now() < until) {
    const more = await get(path, { ...query, limit: limit - page.items.length, cursor: page.next }, signal);
    page.items.push(...more.items);
    if (more.jobs) Object.assign(page.jobs, more.jobs);
    page.next = more.next;
  }
  page.short = Boolean(page.next) && page.items.length < enough;
  return page;
}

// soFar stands where a search has found nothing, and has not come to the end.
export const soFar = (picture) => empty(picture, "Nothing found so far", "The search has not come to the end. Next goes on with it.");

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

export function pages(list, query, { items, next, short }, noun, nouns) {
  const cursor = query.get("cursor");
  if (!cursor && !next) return items.length > 0 && h("p", { class: "pages" }, plural(items.length, noun, nouns));
  return h(
    "nav",
    { class: "pages", "aria-label": "Pages" },
    h("span", { class: "says" }, `${plural(items.length, noun, nouns)} ${short ? "found so far" : "on this page"}`),
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
