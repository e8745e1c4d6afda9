// Schedules: how the API writes them, and how a form holds them.

import { duration, exact, number, zone } from "./format.js";
import { local, universal, whole } from "./parts/field.js";
import { fromGo, milliseconds, toGo, typed } from "./span.js";

// brief is a schedule in as few words as can be.
export function brief(schedule) {
  if (schedule.type === "CRON") return schedule.cron ?? "";
  if (schedule.count === 1) return schedule.start ? `once, ${exact(schedule.start).slice(4)}` : "once, now";
  const times = schedule.count ? `, ${number(schedule.count)} times` : "";
  return `every ${duration(fromGo(schedule.interval))}${times}`;
}

// typedIn is a schedule as a form holds it.
export function typedIn(schedule) {
  const kind = schedule.type === "CRON" ? "cron" : schedule.count === 1 ? "at" : "every";
  return {
    "schedule.kind": kind,
    "schedule.cron": schedule.cron ?? "",
    "schedule.zone": schedule.zone ?? (kind === "cron" ? "UTC" : zone),
    "schedule.interval": typed(fromGo(schedule.interval)),
    "schedule.count": kind === "every" ? String(schedule.count ?? "") : "",
    "schedule.start": local(schedule.start),
    "schedule.end": local(schedule.end),
    "schedule.was": { start: schedule.start, end: schedule.end },
  };
}

// none is what a form begins with.
export const none = { ...typedIn({ type: "CRON", zone }), "schedule.interval": "5 min" };

// written is what a form holds as the API reads it.
export function written(form) {
  const get = (name) => form.get(`schedule.${name}`);
  const [start, end] = ["start", "end"].map((name) => instant(get(name), get("was")[name]));
  switch (get("kind")) {
    case "cron":
      return { type: "CRON", cron: get("cron").trim(), zone: get("zone").trim() || undefined, start, end };
    case "every":
      return { type: "SIMPLE", interval: toGo(milliseconds(get("interval"))), count: whole(get("count")), start, end };
    case "at":
      return { type: "SIMPLE", count: 1, start };
    default:
      return { type: "SIMPLE", count: 1 };
  }
}

// instant is the one that it was where that is typed so: a reader's zone has an hour
// of the autumn twice.
function instant(text, was) {
  if (!text) return undefined;
  return text === local(was) ? was : universal(text);
}
