// Icons, drawn on a grid of 16 by 16. They stand beside words or in a control
// that has a label, so they say nothing to a screen reader.

import { h } from "../dom.js";

const paths = {
  overview: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z",
  node: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01M8 5h3M8 11h3",
  job: "M2.5 5h11v8h-11zM5.5 5V3h5v2M2.5 8.5h11",
  execute: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6zM8 4.8v3.4l2.2 1.4",
  running: "M1.5 8h3l2-5 3 10 2-5h3",
  document: "M5 2v9M2.5 8.5 5 11l2.5-2.5M11 14V5M8.5 7.5 11 5l2.5 2.5",
  app: "M8 1.8 13.4 4.9v6.2L8 14.2 2.6 11.1V4.9zM2.8 5 8 8l5.2-3M8 8v6",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6L12.5 8z",
  stop: "M4 4h8v8H4z",
  trash: "M2.5 4.2h11M6 4V2.5h4V4M4 4.2l.6 9.3h6.8l.6-9.3M6.7 7v4M9.3 7v4",
  edit: "M3 13l.6-2.8L10.8 3l2.2 2.2-7.2 7.2z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  retry: "M13 3v3.2H9.8M13 6.2A5.4 5.4 0 1 0 13.3 9.5",
  reset: "M3 3v3.2h3.2M3 6.2A5.4 5.4 0 1 1 2.7 9.5",
  run: "M9 1.8 3.5 9H7l-.6 5.2L12.5 6.8H8.6z",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  alert: "M8 2.2 14.3 13.2H1.7zM8 6.5v3M8 11.3h.01",
  info: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6zM8 7.5v3.5M8 5.2h.01",
  skip: "M3 3.5v9L9 8zM11.5 3.5v9",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4zM10.2 10.2 13.5 13.5",
  light:
    "M8 5.2a2.8 2.8 0 1 0 .01 0zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  dark: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z",
  system: "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  plus: "M8 3v10M3 8h10",
  ping: "M8 6.8a1.2 1.2 0 1 0 .01 0zM5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3.2 12.8a6.8 6.8 0 0 1 0-9.6M12.8 3.2a6.8 6.8 0 0 1 0 9.6",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.3h11",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6",
  next: "M6 3.5 10.5 8 6 12.5",
  previous: "M10 3.5 5.5 8 10 12.5",
  star: "M8 2.2l1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6z",
  link: "M6.5 9.5l3-3M7 4.8l1.4-1.4a2.9 2.9 0 0 1 4.2 4.2L11.2 9M9 11.2l-1.4 1.4a2.9 2.9 0 0 1-4.2-4.2L4.8 7",
  drain: "M8 2.2s4 4.4 4 7.2a4 4 0 0 1-8 0c0-2.8 4-7.2 4-7.2z",
  bar: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6zM4 4l8 8",
};

export function icon(name, props) {
  return h(
    "svg",
    { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false", ...props },
    h("path", { d: paths[name] ?? paths.info }),
  );
}
