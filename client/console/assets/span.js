// Lengths of time as people type them, as Go writes them, and as the API counts
// them.

export const units = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

const go = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

// round leaves whole nanoseconds of milliseconds that were computed: 2.3 h would be
// 8279999.999999999.
const round = (ms) => nanoseconds(ms) / 1e6;

// nanoseconds are what the API counts milliseconds in.
export const nanoseconds = (ms) => Math.round(ms * 1e6);

// fromGo reads 1h30m as milliseconds.
export function fromGo(text = "") {
  let ms = 0;
  for (const [, n, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) ms += Number(n) * go[unit];
  return round(ms);
}

// typed is a number of milliseconds as a field holds it, "90 s", in the largest
// unit that leaves it whole; none is " s".
export function typed(ms) {
  if (!ms) return " s";
  const unit = Object.keys(units).findLast((name) => ms % units[name] === 0) ?? "ms";
  return `${ms / units[unit]} ${unit}`;
}

// milliseconds reads what typed writes; nothing typed is 0, and what is no number
// is NaN.
export function milliseconds(text = "") {
  const [n, unit] = text.split(" ");
  return n === "" ? 0 : round(Number(n.replace(",", ".")) * units[unit]);
}

// toGo writes milliseconds so that Go reads them.
export const toGo = (ms) => `${ms}ms`;
