// The dialogs that add and edit a node.

import { post } from "../api.js";
import { ask } from "../dialog.js";
import { Form } from "../form.js";
import { refresh } from "../live.js";
import { notify } from "../notice.js";
import { session } from "../session.js";
import { above, check, text } from "./field.js";
import { appField } from "./filters.js";

export async function addNode(app) {
  const form = new Form({ app: app ?? session.apps[0] ?? "", key: "", hostName: "", paused: false });
  const node = await ask({
    title: "Add node",
    action: "Add node",
    body: (state) => {
      form.follow(state);
      return [
        above(form),
        appField(form, "app"),
        text(form, "key", {
          label: "Node key",
          hint: "A node that registers adds itself. A row added by hand keeps an operator's word for its key.",
        }),
        text(form, "hostName", { label: "Host name", placeholder: "the key" }),
        check(form, "paused", { label: "Paused", hint: "Whoever registers under the key claims nothing until it is resumed" }),
      ];
    },
    submit: () => post("node/add", { ...form.values, withApp: true }),
  });
  if (node) notify(`Node ${node.key} was added.`);
  refresh();
}

export async function editNode(node) {
  const form = new Form({ hostName: node.hostName });
  const done = await ask({
    title: `Edit node ${node.key}`,
    action: "Save",
    body: (state) => {
      form.follow(state);
      return [
        above(form),
        text(form, "hostName", { label: "Host name", placeholder: "the key" }),
      ];
    },
    submit: () => form.touched("hostName") && post("node/edit", { app: node.app, key: node.key, ...form.values }),
  });
  if (done) notify(`Node ${node.key} was saved.`);
  refresh();
}
