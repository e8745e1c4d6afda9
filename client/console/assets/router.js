// A place in the console is the fragment of its address: #/executes?app=billing.
// Names are parts of it in their encoded form, so they may hold any characters.

// route reads the current place.
export function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { parts: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// to is the address of a place; what is empty of the query is left out.
export function to(parts, query = {}) {
  const out = new URLSearchParams();
  const entries = query instanceof URLSearchParams ? query : Object.entries(query);
  for (const [name, value] of entries) {
    for (const one of [value].flat()) if (one) out.append(name, one);
  }
  const path = [parts].flat().map(encodeURIComponent).join("/");
  return `#/${path}${out.size ? `?${out}` : ""}`;
}

export function go(address) {
  location.hash = address;
}

// turn changes the place without a step in the history, and tells who listens.
export function turn(address) {
  history.replaceState(null, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
