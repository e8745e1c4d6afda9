// The fires in flight.

import { act } from "../action.js";
import { confirm } from "../dialog.js";
import { h } from "../dom.js";
import { number, plural } from "../format.js";
import { filters } from "../parts/filters.js";
import { cancel, fireKey, fireRows } from "../parts/names.js";
import { button, card, empty, head } from "../parts/page.js";
import { Pages, list as listed, pages, soFar } from "../parts/pages.js";
import { chooseNothing, Selection } from "../parts/selection.js";
import { operator } from "../session.js";

export function runningView(query) {
  const list = new Pages();
  const selection = new Selection();
  return {
    title: "Running",
    turned(now) {
      query = now;
      selection.clear();
    },
    load: (signal) =>
      listed("fires", { app: query.get("app"), node: query.get("node"), cursor: query.get("cursor"), descending: true }, signal),
    draw: (fires) => [
      head({ title: "Running", note: "Fires in flight: claimed by a node, and not yet completed." }),
      filters(query, { names: ["app"], toggles: query.get("node") ? { node: [query.get("node"), "One node"] } : {} }),
      fires.items.length === 0
        ? card(fires.next ? soFar("running") : empty("running", "Nothing runs", "A fire shows here from its claim to its end."))
        : fireRows(fires.items, { selection: operator() && selection }),
      pages(list, query, fires, "fire"),
      operator() && chosen(selection, fires.items),
    ],
  };
}

// chosen is the bar for the fires that were ticked and still run.
function chosen(selection, fires) {
  const still = fires.filter((fire) => selection.has(fireKey(fire)) && !fire.stop);
  if (still.length === 0) return null;
  return h(
    "div",
    { class: "selection", key: "selection", role: "region", "aria-label": "Selection", "data-test": "selection" },
    h("b", { class: "says" }, `${number(still.length)} chosen`),
    button({
      label: "Cancel what is chosen",
      words: "Cancel them",
      picture: "stop",
      kind: "danger",
      small: true,
      onclick: () => cancelAll(selection, still),
      test: "bulk-cancel",
    }),
    chooseNothing(selection),
  );
}

async function cancelAll(selection, fires) {
  const yes = await confirm({
    title: `Cancel ${plural(fires.length, "fire")}?`,
    text: "Their nodes end the contexts of the runs within two heartbeats, and record CANCELLED. Their schedules go on.",
    action: "Cancel them",
  });
  if (!yes) return;
  selection.clear();
  await act(
    "cancel many",
    async () => {
      const results = await Promise.allSettled(fires.map(cancel));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
    },
    `${plural(fires.length, "fire")} ${fires.length === 1 ? "was" : "were"} told to end.`,
  );
}
