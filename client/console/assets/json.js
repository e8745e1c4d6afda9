// Where a JSON text is wrong. Browsers tell it in words of their own, and some
// without the place.

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

// check returns null for JSON, and otherwise what is wrong and where: its offset,
// line and column, counted from 1.
export function check(text) {
  const reader = { text, at: 0 };
  try {
    skip(reader);
    value(reader, 0);
    skip(reader);
    if (reader.at < text.length) wrong(reader, "nothing more is expected here");
    return null;
  } catch (error) {
    if (error !== reader) throw error;
    const before = text.slice(0, reader.at);
    const line = before.split("\n").length;
    return { at: reader.at, line, column: reader.at - before.lastIndexOf("\n"), message: reader.message };
  }
}

// excerpt is the line of an error with a caret below its place.
export function excerpt(text, { line, column }) {
  const from = Math.max(column - 40, 1);
  const content = text.split("\n")[line - 1].replace(/\t/g, " ").replace(/\r/g, "");
  return `${content.slice(from - 1, from + 59)}\n${" ".repeat(column - from)}^`;
}

function wrong(reader, message, at = reader.at) {
  Object.assign(reader, { message, at });
  throw reader;
}

function take(reader, pattern) {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}

const skip = (reader) => take(reader, SPACE);

function value(reader, depth) {
  if (depth > 200) wrong(reader, "this is nested too deep");
  const first = reader.text[reader.at];
  if (first === "{") return list(reader, "}", () => member(reader, depth));
  if (first === "[") return list(reader, "]", () => value(reader, depth + 1));
  if (first === '"') return string(reader);
  if (take(reader, WORD) || take(reader, NUMBER)) return undefined;
  if (first === undefined) wrong(reader, "the text ends before a value");
  if (first === "'") wrong(reader, "strings stand in double quotes");
  return wrong(reader, "a value is expected here: an object, an array, a string in double quotes, a number, true, false or null");
}

function list(reader, end, item) {
  reader.at++;
  skip(reader);
  if (reader.text[reader.at] === end) return reader.at++;
  for (;;) {
    item();
    skip(reader);
    const next = reader.text[reader.at];
    if (next === end) return reader.at++;
    if (next === undefined) wrong(reader, `the text ends before a ${end}`);
    if (next !== ",") wrong(reader, `a comma or a ${end} is expected here`);
    const comma = reader.at++;
    skip(reader);
    if (reader.text[reader.at] === end) wrong(reader, "this comma has nothing after it", comma);
  }
}

function member(reader, depth) {
  if (reader.text[reader.at] !== '"') wrong(reader, "a name in double quotes is expected here");
  string(reader);
  skip(reader);
  if (reader.text[reader.at] !== ":") wrong(reader, "a colon is expected here");
  reader.at++;
  skip(reader);
  value(reader, depth + 1);
}

function string(reader) {
  const begin = reader.at++;
  for (;;) {
    const c = reader.text[reader.at];
    if (c === '"') return reader.at++;
    if (c === undefined || c === "\n") wrong(reader, "this string has no end", begin);
    if (c < " ") wrong(reader, "a control character must be written as an escape such as \\t");
    if (c === "\\" && !/^\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(reader.text.slice(reader.at, reader.at + 6))) {
      wrong(reader, "this is no escape");
    }
    reader.at += c === "\\" ? 2 : 1;
  }
}
