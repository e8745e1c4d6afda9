// A page is described by plain objects made with h and brought about by patch,
// which changes what differs and leaves the rest alone: focus, selection, scroll
// and what somebody is typing outlive every update. Text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";
const HTML = "http://www.w3.org/1999/xhtml";

// These are set as properties. What a text field holds is its reader's: it is set
// only when the description of it changes.
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "indeterminate", "readOnly", "open"]);

// h describes an element. Of its props, key tells siblings apart, on… are
// listeners, created is called once with the element, and all others are
// attributes; null and false leave one out.
export function h(tag, props, ...children) {
  const { key, created, ...rest } = props ?? {};
  return { tag, key, created, props: rest, children: flat(children) };
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "")
    .map((child) => (typeof child === "object" ? child : { text: String(child) }));
}

// patch makes the children of an element be what the descriptions say.
export function patch(parent, ...children) {
  const focused = document.activeElement;
  patchChildren(parent, flat(children), parent.namespaceURI);
  if (focused !== document.activeElement && focused?.isConnected && parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

function patchChildren(parent, next, namespace) {
  const before = parent.described ?? [];
  const pool = new Map();
  for (const old of before) {
    const id = identity(old);
    pool.has(id) ? pool.get(id).push(old) : pool.set(id, [old]);
  }
  for (const node of next) {
    const old = pool.get(identity(node))?.shift();
    old ? update(old, node) : create(node, namespace);
  }
  for (const left of pool.values()) {
    for (const old of left) old.element.remove();
  }
  place(parent, next);
  parent.described = next;
}

// identity is what two descriptions of one element share.
function identity(node) {
  return node.tag === undefined ? "#text" : `${node.tag} ${node.key ?? ""}`;
}

// place puts the elements in order and moves as few as it can: what stays in
// place keeps its focus and its selection.
function place(parent, next) {
  let at = parent.firstChild;
  for (const { element } of next) {
    if (at !== null && at !== element && at.nextSibling === element) {
      const passed = at;
      at = element;
      parent.append(passed);
    }
    if (at === element) {
      at = at.nextSibling;
    } else {
      parent.insertBefore(element, at);
    }
  }
}

function create(node, namespace) {
  if (node.tag === undefined) {
    node.element = document.createTextNode(node.text);
    return;
  }
  const own = node.tag === "svg" ? SVG : (namespace ?? HTML);
  node.element = document.createElementNS(own, node.tag);
  patchChildren(node.element, node.children, own);
  for (const [name, value] of Object.entries(node.props)) set(node.element, name, value);
  node.created?.(node.element);
}

function update(old, node) {
  const { element } = old;
  node.element = element;
  if (node.tag === undefined) {
    if (old.text !== node.text) element.data = node.text;
    return;
  }
  patchChildren(element, node.children, element.namespaceURI);
  for (const name of Object.keys(old.props)) {
    if (!(name in node.props)) set(element, name, null);
  }
  for (const [name, value] of Object.entries(node.props)) {
    if (old.props[name] !== value || held(node.tag, name)) set(element, name, value);
  }
}

// held reports whether a property is kept as described whatever was clicked.
function held(tag, name) {
  return name === "checked" || name === "indeterminate" || (name === "value" && tag === "select");
}

function set(element, name, value) {
  if (name.startsWith("on")) {
    element[name] = value;
  } else if (PROPERTIES.has(name)) {
    if (element[name] !== value) element[name] = value ?? (name === "value" ? "" : false);
  } else if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}
