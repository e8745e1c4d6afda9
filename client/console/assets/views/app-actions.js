// What can be done to an app as a whole.

import { post } from "../api.js";
import { act, busy } from "../action.js";
import { ask, confirm } from "../dialog.js";
import { Form } from "../form.js";
import { plural } from "../format.js";
import { above, choice } from "../parts/field.js";
import { addNode } from "../parts/node-form.js";
import { pingAll, prefer } from "../parts/node-table.js";
import { button, link, menu } from "../parts/page.js";
import { go, to } from "../router.js";
import { operator } from "../session.js";

export function actions(app, nodes) {
  const { name } = app;
  const jobs = link({ label: "Jobs", picture: "job", address: to("jobs", { app: name }) });
  const executes = link({ label: "Executes", picture: "execute", address: to("executes", { app: name }) });
  if (!operator()) return [jobs, executes];
  return [
    jobs,
    executes,
    button({
      label: "Ping all",
      picture: "ping",
      busy: busy("ping all"),
      disabled: !nodes.some((node) => node.live),
      onclick: () => pingAll([name]),
      test: "ping-all",
    }),
    app.paused
      ? button({
          label: "Resume",
          picture: "play",
          kind: "primary",
          busy: busy(`resume ${name}`),
          onclick: () => change("resume", app, `${name} was resumed.`),
          test: "resume-app",
        })
      : button({
          label: "Pause",
          picture: "pause",
          busy: busy(`pause ${name}`),
          onclick: () => pause(app, false),
          test: "pause-app",
        }),
    menu({
      label: `More for ${name}`,
      test: "app-menu",
      items: [
        !app.paused && {
          label: "Pause with its nodes…",
          picture: "pause",
          test: "pause-with-nodes",
          onclick: () => pause(app, true),
        },
        {
          label: "Resume with its nodes",
          picture: "play",
          test: "resume-with-nodes",
          onclick: () => change("resume", app, `${name} and its nodes were resumed.`, { withNodes: true }),
        },
        app.maintenance
          ? {
              label: "End maintenance",
              picture: "bar",
              onclick: () => change("maintenance/end", app, "The maintenance is over."),
            }
          : { label: "Begin maintenance…", picture: "bar", test: "begin-maintenance", onclick: () => maintain(app) },
        null,
        app.mode === "MASTER_ONLY"
          ? {
              label: "Run on any node",
              picture: "node",
              test: "mode",
              onclick: () => change("mode", app, "The mode is ANY.", { mode: "ANY" }),
            }
          : {
              label: "Run on the master only",
              picture: "star",
              test: "mode",
              onclick: () => change("mode", app, "The mode is MASTER_ONLY.", { mode: "MASTER_ONLY" }),
            },
        { label: "Prefer a master…", picture: "star", test: "prefer-master", onclick: () => preferOne(app, nodes) },
        { label: "Add node…", picture: "plus", onclick: () => addNode(name) },
        { label: "Import & export", picture: "document", address: to("document", { app: name }) },
        null,
        { label: "Delete…", picture: "trash", danger: true, test: "delete-app", onclick: () => remove(app) },
      ],
    }),
  ];
}

export const change = (verb, app, done, more) =>
  act(`${verb} ${app.name}`, () => post(`app/${verb}`, { app: app.name, ...more }), done);

async function pause(app, withNodes) {
  const yes = await confirm({
    title: withNodes ? `Pause ${app.name} and its nodes?` : `Pause ${app.name}?`,
    text: [
      withNodes
        ? `Its ${plural(app.nodes.live, "live node")} claim nothing more, each until it is resumed too.`
        : `Its ${plural(app.nodes.live, "live node")} claim nothing more.`,
      `What runs goes on: ${plural(app.running, "fire")}. What comes due meanwhile is a misfire, treated by the policies of its execute.`,
    ],
    action: "Pause",
    danger: false,
  });
  if (yes) change("pause", app, `${app.name} was paused.`, { withNodes });
}

async function maintain(app) {
  const yes = await confirm({
    title: `Begin maintenance of ${app.name}?`,
    text: [
      "Its nodes claim nothing more from their next heartbeat on. This page tells when each of them is idle.",
      `${plural(app.running, "fire")} may end first.`,
    ],
    action: "Begin maintenance",
    danger: false,
  });
  if (yes) change("maintenance/begin", app, "The maintenance has begun.");
}

async function preferOne(app, nodes) {
  const form = new Form({ key: app.preferred ?? "" });
  const keys = [...new Set([...nodes.map((node) => node.key), app.preferred].filter(Boolean))];
  const done = await ask({
    title: "Prefer a master",
    action: "Prefer",
    body: (state) => {
      form.follow(state);
      return [
        above(form),
        choice(form, "key", {
          label: "Node",
          hint: "The master whenever it lives and may be",
          options: [["", "Nobody"], ...keys.map((key) => [key, key])],
        }),
      ];
    },
    submit: () => form.get("key"),
  });
  if (done !== undefined) prefer(app.name, done === true ? "" : done);
}

async function remove(app) {
  const done = await confirm({
    title: `Delete ${app.name}?`,
    text: "Only an app that has neither nodes nor jobs can be deleted.",
    action: "Delete",
    submit: () => post("app/delete", { app: app.name }),
  });
  if (done) go(to(""));
}
