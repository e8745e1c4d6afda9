// States, outcomes and kinds as chips: a colour, a picture and the word that
// stands in the tables.

import { h } from "../dom.js";
import { icon } from "./icon.js";

const states = {
  EXECUTING: ["good", "play", "Enabled: it fires when it is due"],
  PAUSED: ["warn", "pause", "Nothing of it is claimed until it is resumed"],
  COMPLETE: ["", "check", "Nothing is left to fire"],
  ERROR: ["bad", "alert", "It failed too often, or cannot be scheduled"],
  INIT: ["busy", "info", "Added and not enabled yet"],
};

const outcomes = {
  SUCCEEDED: ["good", "check", "It ran to its end"],
  FAILED: ["bad", "cross", "It returned an error, or panicked"],
  TIMED_OUT: ["bad", "execute", "It ran longer than its timeout"],
  CANCELLED: ["", "stop", "A client ended it"],
  LOST: ["warn", "alert", "Its node died with it, or left it undone"],
};

const origins = {
  RETRY: "a further attempt after a failure",
  RECOVERY: "taken over from another node, or going on after a suspension",
  OVERLAP: "still runs while the next is due",
  RUN_NOW: "asked for by a client",
  ALL: "the copy for one node",
};

export function chip(text, { kind = "", picture, title, test } = {}) {
  return h("span", { class: `chip ${kind}`, title, key: text, "data-test": test }, picture && icon(picture), text);
}

const of = (table, name) => {
  const [kind, picture, title] = Object.hasOwn(table, name) ? table[name] : ["", "info", null];
  return chip(name, { kind, picture, title, test: `state-${name}` });
};

export const state = (name) => of(states, name);
export const outcome = (name) => of(outcomes, name);
export const origin = (name) => name && chip(name, { kind: "accent", title: origins[name] });

export const stateNames = Object.keys(states);
export const outcomeKind = (name) => outcomes[name]?.[0] || "idle";

// appChips say what is special about an app.
export function appChips(app) {
  return [
    app.maintenance &&
      chip("MAINTENANCE", { kind: "warn", picture: "bar", title: "Its nodes claim nothing until the maintenance ends" }),
    app.paused && chip("PAUSED", { kind: "warn", picture: "pause", title: "Its nodes claim nothing until it is resumed" }),
    app.standalone && chip("STANDALONE", { title: "Its only node runs without a cluster" }),
    app.mode === "MASTER_ONLY" && chip("MASTER_ONLY", { title: "What does not say otherwise runs on the master" }),
  ];
}

// nodeChips say how a node stands.
export function nodeChips(node, app) {
  return [
    node.live
      ? chip("live", { kind: "good", picture: "check", title: "Registered and heard of" })
      : chip("not registered", { title: "The row keeps an operator's word for whoever registers under its key" }),
    node.master && chip("master", { kind: "accent", picture: "star", title: "The acting master of its app" }),
    app?.preferred === node.key &&
      !node.master &&
      chip("preferred", { kind: "accent", title: "The master whenever it lives and may be" }),
    node.paused && chip("PAUSED", { kind: "warn", picture: "pause", title: "It claims nothing; the pause stays with the key" }),
    node.draining && chip("draining", { kind: "warn", picture: "drain", title: "It claims nothing until it rejoins, or stops" }),
    node.barred && chip("barred", { kind: "", picture: "bar", title: "Never master" }),
    node.here &&
      chip("asks from here", { kind: "busy", picture: "ping", title: "It runs on the host whose console answers you" }),
  ];
}
