// What a schedule that is being typed says, in words and as its next fires.

import { get } from "../api.js";
import { h } from "../dom.js";
import { clock, exact, relative, zone } from "../format.js";
import { redraw } from "../live.js";
import { written } from "../schedule.js";
import { icon } from "./icon.js";

const PAUSE = 250; // in typing, before the server is asked, in ms
const SHOWN = 6;

export class Preview {
  constructor(form) {
    this.form = form;
    this.asked = null; // of what, as text
    this.answer = null;
    this.renewed = null; // the answer in whose place another was asked for
    this.timer = 0;
    this.under = null;
  }

  // look asks anew if the form holds another schedule than it last did, or the first
  // half of the answer has passed.
  look() {
    const schedule = written(this.form);
    const wrong = Object.keys(this.form.wrong).some((name) => name.startsWith("schedule."));
    const key = wrong ? "" : JSON.stringify(schedule);
    const { times = [] } = this.answer ?? {};
    const passed = times.length > 0 && Date.parse(times[times.length >> 1]) < clock.now();
    if (key === this.asked && (!passed || this.renewed === this.answer)) return;
    this.asked = key;
    this.renewed = this.answer;
    clearTimeout(this.timer);
    this.under?.abort();
    const empty = (schedule.type === "CRON" && !schedule.cron) || (schedule.count !== 1 && schedule.interval === "0ms");
    if (wrong || empty) {
      this.answer = null;
      this.judge(null);
      return;
    }
    this.timer = setTimeout(() => this.ask(schedule), PAUSE);
  }

  async ask(schedule) {
    this.under = new AbortController();
    const { signal } = this.under;
    try {
      const answer = await get("preview", { ...schedule, n: SHOWN }, signal);
      if (signal.aborted) return;
      this.answer = answer;
      this.judge(null);
    } catch (failure) {
      if (signal.aborted) return;
      this.judge(failure);
    }
    redraw();
  }

  // judge shows a failure at its field, where sending the form would show it too.
  judge(failure) {
    if (failure) this.answer = null;
    this.form.doubt = failure;
  }

  draw() {
    this.look();
    const { answer } = this;
    if (!answer)
      return h(
        "div",
        { class: "preview none", "data-test": "preview" },
        icon("execute"),
        "The next fires show here as soon as the schedule makes sense.",
      );
    const own = this.form.get("schedule.kind") === "cron" && (this.form.get("schedule.zone") || "UTC");
    const differs = own && own !== zone;
    return h(
      "div",
      { class: "preview", "data-test": "preview" },
      h("p", { class: "reading", "data-test": "explanation", "aria-live": "polite" }, answer.explanation),
      answer.times.length === 0
        ? h("p", { class: "muted" }, "It has no fire left.")
        : h(
            "table",
            { class: "fires", "aria-label": "Next fires" },
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                h("th", { scope: "col" }, "Next fires"),
                h("th", { scope: "col" }, own || zone),
                differs && h("th", { scope: "col" }, `${zone} (yours)`),
              ),
            ),
            h(
              "tbody",
              {},
              answer.times.map((instant) =>
                h(
                  "tr",
                  { key: instant },
                  h("td", { class: "muted" }, relative(instant)),
                  h("td", {}, exact(instant, own || zone)),
                  differs && h("td", {}, exact(instant)),
                ),
              ),
            ),
          ),
    );
  }
}
