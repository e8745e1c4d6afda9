// The JSON API below the page. Whatever goes wrong is a Failure, with the words
// of the server where there are any.

// Failure is why a call was not answered as asked. Its fields are those of the
// API, of which code is always there.
export class Failure extends Error {
  constructor(status, error) {
    super(error.message);
    this.status = status;
    Object.assign(this, error);
  }

  // gone says that nobody has answered, or nobody who knows the console.
  get gone() {
    return this.code === "unreachable" || this.status >= 500;
  }
}

const SECONDS = { GET: 10, POST: 60 };

export const get = (path, query, signal) => call("GET", path + search(query), undefined, signal);

// post sends an object. data, where it is given, is the text of its member of
// that name, which is not taken apart: numbers may be longer than ours are.
export function post(path, body, data) {
  let text = JSON.stringify(body);
  if (data !== undefined) {
    text = `${text.slice(0, -1)}${text === "{}" ? "" : ","}"data":${data.trim() || "null"}}`;
  }
  return call("POST", path, text);
}

// url is where a call goes, for links.
export const url = (path, query) => `api/${path}${search(query)}`;

function search(query = {}) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== "" && one !== false) out.append(name, one);
    }
  }
  const text = out.toString();
  return text && `?${text}`;
}

async function call(method, path, body, signal) {
  const limit = AbortSignal.timeout(SECONDS[method] * 1000);
  let response, text;
  try {
    response = await fetch(`api/${path}`, {
      method,
      body,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: "no-store",
      redirect: "error",
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = limit.aborted ? `no answer within ${SECONDS[method]} s` : "the server cannot be reached";
    throw new Failure(0, { code: "unreachable", message });
  }
  const json = response.headers.get("Content-Type")?.includes("json");
  if (response.ok) return json ? parse(text) : text;
  let told;
  try {
    told = parse(text).error;
  } catch {
    // Something between here and the console has answered.
  }
  throw new Failure(
    response.status,
    told ?? { code: "internal", message: `the server answers ${response.status} ${response.statusText}` },
  );
}

// parse reads JSON and keeps the digits of numbers that JavaScript has no room
// for, where the browser can.
export function parse(text) {
  return JSON.parse(text, (_, value, context) => {
    const lossy = typeof value === "number" && context?.source && String(value) !== context.source;
    return lossy && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
  });
}
