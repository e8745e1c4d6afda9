// Numbers, times and durations for people. Times are told apart from the
// database's now, which clock keeps between two answers.

import { h } from "./dom.js";

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

let ahead = 0; // what the database's clock is ahead of this machine's, in ms

export const clock = {
  now: () => Date.now() + ahead,
  set: (instant) => {
    const offset = Date.parse(instant) - Date.now();
    // An answer was some time under way: what is that little says nothing.
    if (Number.isFinite(offset) && Math.abs(offset - ahead) > 500) ahead = offset;
  },
};

const count = new Intl.NumberFormat("en");

export const number = (n) => count.format(n ?? 0);

// plural is "1 node", "2,000 nodes".
export function plural(n, noun, nouns = `${noun}s`) {
  return `${number(n)} ${n === 1 ? noun : nouns}`;
}

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

// duration is the length of time in at most two units: 340 ms, 12 s, 3 min 5 s.
export function duration(ms) {
  const sign = ms < 0 ? "−" : "";
  let left = Math.abs(ms);
  if (left < 1) return left === 0 ? "0 ms" : `${sign}<1 ms`;
  if (left < 1000) return `${sign}${Math.round(left)} ms`;
  if (left < 9950) return `${sign}${(left / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  left = Math.round(left / 1000) * 1000;
  const parts = [];
  for (const [size, name] of UNITS) {
    if (left < size) {
      if (parts.length) break;
      continue;
    }
    parts.push(`${Math.floor(left / size)} ${name}`);
    left %= size;
    if (parts.length === 2) break;
  }
  return sign + parts.join(" ");
}

export const nanoseconds = (ns) => duration((ns ?? 0) / 1e6);

const EXACT = 600_000; // what is nearer is told to the second, in ms

// relative is "in 12 s", "in 3 min 5 s" or "3 min ago".
export function relative(instant) {
  const ms = new Date(instant).getTime() - clock.now();
  const off = Math.abs(ms);
  if (off < 1000) return "now";
  if (ms > 0) return `in ${off < EXACT ? duration(Math.floor(off / 1000) * 1000) : coarse(off)}`;
  return `${coarse(off)} ago`;
}

function coarse(ms) {
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return plural(Math.floor(ms / 86_400_000), "day");
}

const formats = new Map();

function formatOf(timeZone, options) {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone, ...options }));
  return formats.get(key);
}

const DATE = { year: "numeric", month: "2-digit", day: "2-digit" };
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

function parts(instant, timeZone, options) {
  const out = {};
  for (const { type, value } of formatOf(timeZone, options).formatToParts(new Date(instant))) out[type] = value;
  return out;
}

// exact is the instant in a zone: Mon 2027-01-04 08:00:00.
export function exact(instant, timeZone = zone) {
  let p;
  try {
    p = parts(instant, timeZone, { weekday: "short", ...DATE, ...CLOCK });
  } catch {
    return instant; // a zone that this browser does not know
  }
  const ms = new Date(instant).getUTCMilliseconds();
  const tail = ms ? `.${String(ms).padStart(3, "0")}` : "";
  return `${p.weekday} ${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}${tail}`;
}

// short leaves out the date, and the day where that is today.
export function short(instant, timeZone = zone) {
  const text = exact(instant, timeZone).replace(/\.\d{3}$/, "");
  const today = exact(clock.now(), timeZone).slice(0, 14);
  return text.startsWith(today) ? text.slice(15) : `${text.slice(0, 3)} ${text.slice(15)}`;
}

// time shows an instant as a distance from now, with the exact time at hand.
export function time(instant, { show = relative, none = "—" } = {}) {
  if (!instant) return h("span", { class: "none" }, none);
  const title = `${exact(instant)} ${zone}` + (zone === "UTC" ? "" : `\n${exact(instant, "UTC")} UTC`);
  return h("time", { datetime: instant, title }, show(instant));
}
