// Keys that work everywhere but where somebody is writing.

import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { go, to } from "./router.js";

const places = {
  a: ["", "Overview of the apps"],
  n: ["nodes", "Nodes"],
  j: ["jobs", "Jobs"],
  e: ["executes", "Executes"],
  r: ["running", "Running fires"],
  d: ["document", "Import and export"],
};

const others = [
  [["/"], "Search in the list"],
  [["?"], "These keys"],
  [["Esc"], "Close a dialog or a menu"],
];

const PATIENCE = 1500; // between g and what follows it, in ms

let begun = -Infinity; // by the time of the key, not of a busy page that comes to it late

export function listen() {
  addEventListener("keydown", pressed);
  addEventListener("pointerdown", (event) => closeMenus(event.target.closest?.("details.menu")));
}

function pressed(event) {
  if (event.key === "Escape") closeMenus(null, true);
  const writes = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (writes || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const place = event.timeStamp - begun < PATIENCE && places[event.key];
  begun = event.key === "g" ? event.timeStamp : -Infinity;
  if (place) {
    go(to(place[0]));
  } else if (event.key === "?") {
    help();
  } else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    search.focus();
    search.select();
  } else {
    return;
  }
  event.preventDefault();
}

// closeMenus closes all menus but one, and gives back the focus that was in them.
function closeMenus(but, focus = false) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === but) continue;
    if (focus && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

export function help() {
  const rows = [...Object.entries(places).map(([key, [, name]]) => [["g", key], name]), ...others];
  return ask({
    title: "Keys",
    test: "keys",
    body: () =>
      h(
        "dl",
        { class: "keys" },
        rows.map(([keys, name]) =>
          h(
            "div",
            {},
            h(
              "dt",
              {},
              keys.map((key) => [h("kbd", {}, key), " "]),
            ),
            h("dd", {}, name),
          ),
        ),
      ),
  });
}
