// The frame around every page, and which page stands in it.

import { h, patch } from "./dom.js";
import { clock, duration, exact, relative, zone } from "./format.js";
import { help, listen } from "./keyboard.js";
import { drawWith, live, redraw, refresh, watch } from "./live.js";
import { complain, draw as drawNotices, sentence } from "./notice.js";
import { icon } from "./parts/icon.js";
import { empty } from "./parts/page.js";
import { route, to } from "./router.js";
import { identify, operator, session } from "./session.js";
import { choose, chosen, themes } from "./theme-choice.js";
import { viewOf } from "./views.js";

const IDENTIFY = 30_000; // how often to ask who we are, in ms

const sections = [
  ["overview", "", "Overview"],
  ["node", "nodes", "Nodes"],
  ["job", "jobs", "Jobs"],
  ["execute", "executes", "Executes"],
  ["running", "running", "Running"],
  ["document", "document", "Import & export"],
];

let place = null; // the parts of the route that is shown
let view = null;
let open = false; // the menu, where it is one

async function start() {
  drawWith(draw);
  drawNotices();
  listen();
  addEventListener("hashchange", arrive);
  document.getElementById("skip").onclick = (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  };
  await ask();
  setInterval(() => document.hidden || ask(), IDENTIFY);
  arrive();
}

async function ask() {
  try {
    await identify();
  } catch (failure) {
    if (session.me === null) live.failure = failure;
    if (!failure.gone && failure.code !== "unauthenticated") complain(failure);
  }
  if (session.me === null) setTimeout(() => ask().then(arrive), 5000);
  redraw();
}

// arrive shows the page of the route. Another query is another part of the same
// page, which stays until that was loaded.
function arrive() {
  if (session.me === null) return;
  const { parts, query } = route();
  const path = parts.join("\n");
  if (view !== null && path === place) {
    view.turned?.(query);
    refresh(150);
    return draw();
  }
  const first = view === null;
  place = path;
  open = false;
  view = viewOf(parts, query);
  watch(view.load && ((signal) => view.load(signal)));
  scrollTo(0, 0);
  draw();
  if (!first) document.getElementById("main").focus({ preventScroll: true }); // at first the menu is what Tab finds
}

function draw() {
  patch(document.getElementById("console"), bar(), h("main", { id: "main", tabindex: "-1" }, body()));
  document.title = view ? `${view.title} · quartz` : "quartz console";
}

function body() {
  if (view === null) return live.failure ? outage() : [];
  const { failure } = live;
  if (failure?.code === "not_found")
    return empty(
      "info",
      "There is no such thing",
      sentence(failure),
      h("a", { class: "button", href: to("") }, "Overview"),
      "h1",
    );
  const ready = live.data !== null || !view.load;
  return [
    session.old && stale(),
    failure && outage(),
    h("div", { key: place }, ready ? view.draw(live.data) : !failure && waiting()),
  ];
}

function waiting() {
  return h("p", { class: "muted", role: "status" }, "Loading…");
}

function stale() {
  return banner(
    "busy",
    "The console was updated since this page was loaded.",
    h("button", { type: "button", class: "button small", onclick: () => location.reload() }, "Reload"),
  );
}

function outage() {
  const { failure } = live;
  if (failure.code === "unauthenticated") {
    return banner(
      "warn",
      "You are not signed in any more.",
      h("button", { type: "button", class: "button small", onclick: () => location.reload() }, "Sign in"),
    );
  }
  const age = live.data && live.loadedAt ? ` What you see is ${duration(Math.max(clock.now() - live.loadedAt, 0))} old.` : "";
  return banner(
    "bad",
    `${sentence(failure)}.${age}`.replace("..", "."),
    live.retryAt > 0 && h("button", { type: "button", class: "button small", onclick: () => refresh() }, "Try again"),
  );
}

function banner(kind, text, control) {
  return h(
    "div",
    { key: `banner ${kind}`, class: `banner ${kind}`, role: "alert", "data-test": "outage" },
    icon("alert"),
    h("div", {}, text),
    control,
  );
}

function bar() {
  const { parts, query } = route();
  const here = parts[0] === "apps" ? "" : (parts[0] ?? "");
  const app = parts[0] === "apps" ? parts[1] : query.get("app");
  return h(
    "header",
    { class: `bar${open ? " open" : ""}` },
    h(
      "a",
      { class: "brand", href: to("") },
      h("img", { src: new URL("icon.svg", import.meta.url).href, alt: "", width: 26, height: 26 }),
      "quartz",
    ),
    h(
      "button",
      {
        type: "button",
        class: "button only menu-toggle",
        "aria-label": "Menu",
        "aria-expanded": String(open),
        "aria-controls": "sections",
        onclick: toggle,
        "data-test": "menu",
      },
      icon(open ? "cross" : "menu"),
    ),
    h(
      "nav",
      { id: "sections", "aria-label": "Sections" },
      h(
        "ul",
        {},
        sections.map(([name, path, title]) =>
          h(
            "li",
            {},
            h(
              "a",
              { href: to(path, path && { app }), "aria-current": here === path && "page", "data-test": `nav-${name}` },
              icon(name),
              title,
            ),
          ),
        ),
      ),
    ),
    h("div", { class: "foot" }, status(), reader(), themeSwitch()),
  );
}

function toggle() {
  open = !open;
  redraw();
}

function status() {
  const seconds = Math.max(Math.ceil((live.retryAt - Date.now()) / 1000), 0);
  const [kind, text] = live.failure
    ? ["waiting", live.retryAt ? `No answer, again in ${seconds} s` : "Not refreshed"]
    : view?.load
      ? ["good", "Live"]
      : ["asleep", "Not refreshed"];
  return h(
    "div",
    { class: `live ${kind}`, "data-test": "live", title: live.loadedAt ? `Last loaded ${relative(live.loadedAt)}` : null },
    h("span", { class: "dot" }),
    text,
  );
}

function reader() {
  const { me } = session;
  return h(
    "div",
    { class: "stack" },
    me && h("span", { class: "wrap", "data-test": "actor" }, me.actor, operator() ? "" : " · read-only"),
    me && h("span", { title: me.database.version }, `${me.database.dialect}, console ${me.version}`),
    h("span", { title: `Now ${exact(clock.now())}, ${exact(clock.now(), "UTC")} UTC` }, `Times in ${zone}`),
  );
}

function themeSwitch() {
  const names = { system: "system", light: "light", dark: "dark" };
  return h(
    "div",
    { class: "row" },
    h(
      "div",
      { class: "group", role: "group", "aria-label": "Theme" },
      Object.entries(themes).map(([theme, title]) =>
        h(
          "button",
          {
            type: "button",
            class: "button only small",
            title,
            "aria-label": title,
            "aria-pressed": String(chosen() === theme),
            onclick: () => choose(theme),
            "data-test": `theme-${theme}`,
          },
          icon(names[theme]),
        ),
      ),
    ),
    h(
      "button",
      {
        type: "button",
        class: "button plain only small",
        title: "Keys (?)",
        "aria-label": "Keys",
        onclick: help,
        "data-test": "help",
      },
      icon("keyboard"),
    ),
  );
}

start();
