// The theme is the system's, unless one was chosen here.

import { redraw } from "./live.js";

export const themes = { system: "As the system", light: "Light", dark: "Dark" };

export const chosen = () => document.documentElement.dataset.theme ?? "system";

export function choose(theme) {
  const { dataset } = document.documentElement;
  theme === "system" ? delete dataset.theme : (dataset.theme = theme);
  try {
    localStorage.setItem("quartz.theme", theme);
  } catch {
    // It lasts until the page is left.
  }
  redraw();
}
