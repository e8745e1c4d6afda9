// The nodes of all apps, or of one.

import { get } from "../api.js";
import { busy } from "../action.js";
import { filters } from "../parts/filters.js";
import { addNode } from "../parts/node-form.js";
import { nodeTable, pingAll } from "../parts/node-table.js";
import { button, card, empty, head } from "../parts/page.js";
import { Pages, pages } from "../parts/pages.js";
import { operator } from "../session.js";

export function nodesView(query) {
  const list = new Pages();
  return {
    title: "Nodes",
    turned: (now) => (query = now),
    async load(signal) {
      const [nodes, apps] = await Promise.all([
        get(
          "nodes",
          {
            app: query.get("app"),
            text: query.get("text"),
            live: query.get("live"),
            paused: query.get("paused"),
            cursor: query.get("cursor"),
            limit: 100,
          },
          signal,
        ),
        get("apps", { limit: 200 }, signal),
      ]);
      return { nodes, apps: Object.fromEntries(apps.items.map((app) => [app.name, app])) };
    },
    draw: ({ nodes, apps }) => [
      head({
        title: "Nodes",
        note: "Each node registers under its key and says every second that it lives.",
        actions: operator() && actions(nodes.items, query),
      }),
      filters(query, {
        names: ["text", "app"],
        placeholder: "Key, host, label or class",
        toggles: { live: ["true", "Live"], paused: ["true", "Paused"] },
      }),
      nodes.items.length === 0
        ? card(empty("node", "No such node", "A node that is started shows here within a second."))
        : nodeTable(nodes.items, apps),
      pages(list, query, nodes, "node"),
    ],
  };
}

function actions(nodes, query) {
  const apps = [...new Set(nodes.filter((node) => node.live).map((node) => node.app))];
  return [
    button({
      label: "Ping all",
      picture: "ping",
      busy: busy("ping all"),
      disabled: apps.length === 0,
      onclick: () => pingAll(apps),
      test: "ping-all",
    }),
    button({ label: "Add node", picture: "plus", onclick: () => addNode(query.get("app") ?? undefined), test: "add-node" }),
  ];
}
