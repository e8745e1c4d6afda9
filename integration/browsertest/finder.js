const visible = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && it.getClientRects().length > 0;

const wordsOf = (it) => (it.value !== undefined && it.matches("input, textarea, select") ? it.value : it.innerText ?? it.textContent ?? "").trim();

function find(thing) {
  const [selector, words] = thing.split(" >> ");
  return [...document.querySelectorAll(selector)].filter((it) => visible(it) && (words === undefined || wordsOf(it).includes(words)));
}

// aimAt returns where to click, once nothing lies above the thing. Until hasHit is
// asked, a click that reaches another is kept from it.
function aimAt(thing) {
  const it = find(thing)[0];
  if (!it || it.disabled || it.ariaDisabled === "true") return null;
  it.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = it.getBoundingClientRect();
  const point = { X: box.x + box.width / 2, Y: box.y + box.height / 2 };
  const own = (other) => other && (it.contains(other) || [...(it.labels ?? [])].some((label) => label.contains(other)));
  if (!own(document.elementFromPoint(point.X, point.Y))) return null;
  const aim = (window.aim = { hit: false, end: () => removeEventListener("click", guard, true) });
  const guard = (event) => {
    if (own(event.target)) aim.hit = true;
    else if (event.isTrusted) event.stopImmediatePropagation(), event.preventDefault();
  };
  addEventListener("click", guard, true);
  return point;
}

function hasHit() {
  window.aim?.end();
  return window.aim?.hit ?? true;
}
