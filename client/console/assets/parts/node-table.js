// Nodes, and what an operator can tell them.

import { post } from "../api.js";
import { act, busy } from "../action.js";
import { confirm } from "../dialog.js";
import { h } from "../dom.js";
import { duration, nanoseconds, plural, time } from "../format.js";
import { operator } from "../session.js";
import { to } from "../router.js";
import { load } from "./bar.js";
import { editNode } from "./node-form.js";
import { button, menu } from "./page.js";
import { nodeChips } from "./state.js";
import { table } from "./table.js";

const STALE = 3e9; // a heartbeat that is older is worth a look, in ns
const SKEWED = 1e9; // so is a clock that is farther off

const keyOf = (node) => `${node.app}\n${node.key}`;

// answers are what nodes have answered to a ping, by their keys.
const answers = new Map();

// nodeTable lists nodes; apps are what is known of their apps, by name.
export function nodeTable(nodes, apps, { one } = {}) {
  return table({
    label: "Nodes",
    test: "nodes",
    rows: nodes,
    key: keyOf,
    old: (node) => !node.live,
    columns: [
      { title: "Node", kind: "lead", cell: (node) => name(node, apps[node.app]) },
      !one && { title: "App", cell: (node) => h("a", { href: to(["apps", node.app]) }, node.app) },
      { title: "Heartbeat", cell: beat },
      { title: "Load", cell: (node) => node.live && load(node.running, node.capacity) },
      { title: "Clock", kind: "tight", cell: skew },
      { title: "Runs", kind: "long spare", cell: handlers },
      { title: "Since", kind: "tight spare", cell: (node) => node.live && time(node.started) },
      operator() && { title: "", kind: "do", cell: (node) => controls(node, apps[node.app]) },
    ],
  });
}

function name(node, app) {
  const more = [node.hostName !== node.key && node.hostName, node.build && `build ${node.build}`].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "stack" },
    h("span", { class: "name" }, node.key),
    more && h("span", { class: "sub" }, more),
    h("div", { class: "chips" }, nodeChips(node, app)),
    node.labels?.length > 0 &&
      h(
        "div",
        { class: "chips" },
        node.labels.map((label) => h("span", { class: "tag", key: label }, label)),
      ),
  );
}

function beat(node) {
  const answer = answers.get(keyOf(node));
  const age = node.live
    ? h("span", { class: node.beatAgeNs > STALE ? "warn" : "", title: node.lastBeat }, `${nanoseconds(node.beatAgeNs)} ago`)
    : h("span", { class: "none" }, "—");
  return h(
    "div",
    { class: "stack" },
    age,
    answer &&
      h(
        "span",
        { class: `sub ${answer.error ? "bad" : "good"}`, "data-test": "answer" },
        answer.error || `answered in ${nanoseconds(answer.ns)}`,
      ),
  );
}

function skew(node) {
  if (!node.live) return null;
  const off = Math.abs(node.clockSkewNs) > SKEWED;
  const ms = node.clockSkewNs / 1e6;
  return h(
    "span",
    { class: off ? "warn" : "", title: "Its clock minus the database's" },
    Math.abs(ms) < 1 ? "±0 ms" : `${ms > 0 ? "+" : ""}${duration(ms)}`,
  );
}

const SHOWN = 3;

function handlers(node) {
  const all = node.handlers ?? [];
  if (all.length === 0) return null;
  if (all.length <= SHOWN) return h("div", { class: "chips" }, all.map(tag));
  return h(
    "details",
    {},
    h("summary", { class: "small" }, plural(all.length, "class", "classes")),
    h("div", { class: "chips" }, all.map(tag)),
  );
}

const tag = (text) => h("span", { class: "tag", key: text }, text);

function controls(node, app) {
  const is = { live: node.live };
  return h(
    "div",
    { class: "controls" },
    is.live &&
      button({
        label: `Ping ${node.key}`,
        words: "Ping",
        picture: "ping",
        kind: "plain",
        small: true,
        busy: busy(`ping ${keyOf(node)}`),
        onclick: () => ping(node),
        test: "ping",
      }),
    menu({
      label: `More for ${node.key}`,
      small: true,
      test: "node-menu",
      items: [
        is.live && !node.draining && { label: "Drain", picture: "drain", test: "drain", onclick: () => drain(node) },
        is.live &&
          node.draining && {
            label: "Rejoin",
            picture: "play",
            test: "rejoin",
            onclick: () => tell(node, "rejoin", `${node.key} claims again.`),
          },
        node.paused
          ? {
              label: "Resume",
              picture: "play",
              test: "resume-node",
              onclick: () => tell(node, "resume", `${node.key} was resumed.`),
            }
          : {
              label: "Pause",
              picture: "pause",
              test: "pause-node",
              onclick: () => tell(node, "pause", `${node.key} was paused.`),
            },
        is.live && { label: "Stop…", picture: "stop", danger: true, test: "stop-node", onclick: () => stop(node) },
        null,
        app?.preferred === node.key
          ? { label: "Prefer nobody as master", picture: "star", onclick: () => prefer(node.app, "") }
          : { label: "Prefer as master", picture: "star", test: "prefer", onclick: () => prefer(node.app, node.key) },
        node.barred
          ? {
              label: "Let it be master",
              picture: "bar",
              test: "unbar",
              onclick: () => tell(node, "unbar", `${node.key} may be master again.`),
            }
          : {
              label: "Bar from being master",
              picture: "bar",
              test: "bar",
              onclick: () => tell(node, "bar", `${node.key} is never master.`),
            },
        null,
        { label: "Edit…", picture: "edit", test: "edit-node", onclick: () => editNode(node) },
        { label: "Delete…", picture: "trash", danger: true, test: "delete-node", onclick: () => remove(node) },
      ],
    }),
  );
}

const tell = (node, verb, done) =>
  act(`${verb} ${keyOf(node)}`, () => post(`node/${verb}`, { app: node.app, key: node.key }), done);

export function prefer(app, key) {
  return act(
    `prefer ${app}`,
    () => post("app/prefer", { app, key }),
    key ? `${key} is preferred as master.` : "Nobody is preferred as master.",
  );
}

async function ping(node) {
  const answer = await act(
    `ping ${keyOf(node)}`,
    () => post("node/ping", { app: node.app, key: node.key }),
    (answer) => `${node.key} answered in ${nanoseconds(answer.roundTripNs)}.`,
  );
  if (answer) answers.set(keyOf(node), { ns: answer.roundTripNs });
}

// pingAll asks all live nodes of the apps at once.
export function pingAll(apps) {
  return act(
    "ping all",
    async () => {
      const lists = await Promise.all(
        apps.map((app) => post("nodes/ping", { app }).then(({ items }) => items.map((item) => ({ ...item, app })))),
      );
      const all = lists.flat();
      for (const item of all) answers.set(keyOf(item), { error: item.error, ns: item.answer?.roundTripNs });
      return all;
    },
    (all) => {
      const silent = all.filter((item) => item.error).length;
      return silent
        ? `${plural(all.length - silent, "node")} answered, ${plural(silent, "node")} did not.`
        : `${plural(all.length, "live node")} answered.`;
    },
  );
}

async function drain(node) {
  const yes = await confirm({
    title: `Drain ${node.key}?`,
    text: ["It claims nothing more until it rejoins or its process ends.", running(node)],
    action: "Drain",
    danger: false,
  });
  if (yes) tell(node, "drain", `${node.key} is draining.`);
}

async function stop(node) {
  const yes = await confirm({
    title: `Stop ${node.key}?`,
    text: [
      "The process of the node drains, hands over what it can and leaves the cluster. It cannot be started from here.",
      running(node),
    ],
    action: "Stop the node",
  });
  if (yes) tell(node, "stop", `${node.key} is stopping.`);
}

function running(node) {
  return node.running
    ? `${plural(node.running, "fire")} of it ${node.running === 1 ? "is" : "are"} running, and may end.`
    : "Nothing of it is running.";
}

async function remove(node) {
  const text = node.live
    ? "It lives: it will notice, give up its fires and register again as a new node. To keep it idle, pause it."
    : "The row goes, and with it an operator's word on its key.";
  if (await confirm({ title: `Delete node ${node.key}?`, text, action: "Delete" }))
    tell(node, "delete", `Node ${node.key} was deleted.`);
}
