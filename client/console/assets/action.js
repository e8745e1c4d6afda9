// What a button does: one call at a time, with a word on how it went.

import { live, redraw, refresh } from "./live.js";
import { complain, notify } from "./notice.js";

const under = new Set();

// busy reports whether the action of that name is under way.
export const busy = (name) => under.has(name);

// act calls, tells what was done, and looks again at what the page shows. done is
// the text, or makes it of the answer. It returns undefined when the call failed.
export async function act(name, call, done) {
  if (under.has(name)) return undefined;
  under.add(name);
  redraw();
  try {
    const answer = await call();
    const text = typeof done === "function" ? done(answer) : done;
    if (text) notify(text);
    return answer ?? true;
  } catch (failure) {
    complain(failure);
    return undefined;
  } finally {
    under.delete(name);
    if (!live.failure) refresh();
    redraw();
  }
}
