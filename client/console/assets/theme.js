// Before anything is drawn: the theme that was chosen here earlier. Without a
// choice it is the system's.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("quartz.theme");
  } catch {
    // Storage may be forbidden; then a choice lasts until the page is left.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
