// What a page shows is loaded again every two seconds while somebody can see it,
// and less often while nobody answers.

import { clock } from "./format.js";

const EVERY = 2000;
const LONGEST = 30_000;
const FINAL = new Set(["invalid_field", "forbidden", "not_found"]); // answers that another look would get, too

// live is how the page stands: data is the last that was loaded, since is when the
// first of the failures in a row was.
export const live = { data: null, failure: null, since: 0, retryAt: 0, loadedAt: 0 };

let load = null; // of the page shown
let draw = () => {};
let timer = 0;
let under = null; // the load under way
let failures = 0;

// drawWith names what draws the page. It is called for every change, and every
// second, as what is said of time changes by itself.
export function drawWith(fn) {
  draw = fn;
  setInterval(() => document.hidden || draw(), 1000);
  document.addEventListener("visibilitychange", () => (document.hidden ? hold() : refresh()));
}

export const redraw = () => draw();

// watch loads for a page from now on. Without a function nothing is loaded.
export function watch(fn) {
  load = fn;
  failures = 0;
  Object.assign(live, { data: null, failure: null, since: 0, retryAt: 0 });
  refresh();
}

// hold stops loading until the next refresh: what is being deleted is not looked for.
export function hold() {
  clearTimeout(timer);
  under?.abort();
}

// resume goes on after a hold, and leaves the page the time to go elsewhere first.
export const resume = () => refresh(EVERY);

// refresh loads at once, or in a while.
export function refresh(wait = 0) {
  hold();
  if (!load || document.hidden) return;
  timer = setTimeout(once, wait);
}

async function once() {
  const mine = new AbortController();
  under = mine;
  try {
    const data = await load(mine.signal);
    if (mine.signal.aborted) return;
    failures = 0;
    Object.assign(live, { data, failure: null, since: 0, retryAt: 0, loadedAt: clock.now() });
  } catch (error) {
    if (mine.signal.aborted) return;
    failures++;
    live.failure = error;
    live.since ||= Date.now();
  }
  const wait = failures ? Math.min(EVERY * 2 ** failures, LONGEST) : EVERY;
  live.retryAt = FINAL.has(live.failure?.code) ? 0 : Date.now() + wait;
  if (live.retryAt) refresh(wait);
  draw();
}
