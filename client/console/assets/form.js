// What somebody is typing, apart from what it was made from, so that an edit by
// somebody else meanwhile costs nobody a word.

import { redraw } from "./live.js";
import { sentence } from "./notice.js";

// Form holds values by the names that the API has for its fields. Numbers and
// times are held as they are typed.
export class Form {
  constructor(values) {
    this.initial = { ...values };
    this.values = { ...values };
    this.others = {}; // what somebody else has made of a field that was typed in
    this.failure = null; // of the last time it was sent
    this.doubt = null; // a failure of what is typed so far
    this.wrong = {}; // what keeps the form from being sent, by field
    this.drawn = new Set(); // the fields that have told what is wrong
    this.drawing = new Set(); // those that do so now
    this.whole = null; // the field that all others are a part of
    this.told = null; // the failure that a dialog has told last
    this.busy = false;
    this.changed = redraw;
  }

  // begin is called before the fields are drawn, each of which says what is wrong.
  begin() {
    Object.assign(this, { wrong: {}, drawn: this.drawing, drawing: new Set() });
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    this.values[name] = value;
    delete this.others[name];
    if (this.place(this.failure) === name) this.failure = null;
    this.changed();
  }

  // touched reports whether a field, or one whose name begins so, was changed.
  touched(prefix) {
    return Object.keys(this.values).some((name) => name.startsWith(prefix) && this.values[name] !== this.initial[name]);
  }

  // place is the field that a failure is about, of those that were drawn. The API names
  // it without what it is a part of, and without its unit; a name that is taken is a
  // failure of its own.
  place(failure) {
    if (!failure) return null;
    const field = failure.code === "already_exists" ? "name" : failure.field?.replace(/\[.*/, "");
    const names = [field, `schedule.${field}`, `policies.${field}`, `policies.${field}Ns`];
    return names.find((name) => this.drawn.has(name)) ?? (field ? this.whole : null);
  }

  // error is what to tell at a field that is being drawn.
  error(name) {
    this.drawing.add(name);
    if (this.wrong[name]) return this.wrong[name];
    const failure = [this.failure, this.doubt].find((one) => this.place(one) === name);
    return failure ? reason(failure) : null;
  }

  // elsewhere is what to tell above the fields: of none of them.
  get elsewhere() {
    const { failure } = this;
    if (!failure || failure.code === "version_conflict") return null;
    return this.place(failure) ? null : sentence(failure);
  }

  get conflict() {
    return this.failure?.code === "version_conflict";
  }

  // follow lets a dialog that sends the form draw it and show its failure.
  follow(dialog) {
    this.begin();
    this.changed = dialog.redraw;
    if (this.told !== dialog.failure) this.failure = this.told = dialog.failure;
    Object.assign(dialog, { shown: true, form: this });
  }

  // rebase takes what the form was made from as it is now, and keeps what was typed.
  rebase(values) {
    const others = {};
    for (const [name, now] of Object.entries(values)) {
      const typed = this.values[name] !== this.initial[name];
      if (!typed) this.values[name] = now;
      else if (now !== this.initial[name] && now !== this.values[name]) others[name] = now;
    }
    Object.assign(this, { initial: { ...values }, others, failure: null });
    this.changed();
  }

  // blocked draws first: a time that is typed in part comes without an event.
  blocked() {
    this.changed();
    return Object.values(this.wrong).some(Boolean);
  }

  // submit calls, and shows what comes of it. It returns undefined on a failure.
  async submit(call) {
    if (this.busy) return undefined;
    if (this.blocked()) return point();
    Object.assign(this, { busy: true, failure: null });
    this.changed();
    try {
      return (await call()) ?? true;
    } catch (failure) {
      this.failure = failure;
      return undefined;
    } finally {
      this.busy = false;
      this.changed();
      if (this.failure) point();
    }
  }
}

// point puts the reader where something is wrong.
function point() {
  const at = document.querySelector("[aria-invalid=true]");
  if (at) at.focus();
  else document.querySelector("[data-test=form-failure]")?.scrollIntoView({ block: "center" });
}

// reason is what to tell of a failure at its field: all that is wrong there.
function reason({ mistakes, reason, message }) {
  if (mistakes) return mistakes.map((one) => `${one.field}: ${one.reason}`).join("\n");
  return reason ?? message;
}
