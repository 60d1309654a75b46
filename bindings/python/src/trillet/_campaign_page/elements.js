// What comes from the campaign is only ever text: nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";

/** Where on the page something is shown. */
export const at = (id) => document.getElementById(id);

/** An element with attributes; its children are elements, or become text. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same in a drawing. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

const shown = new Map();

/** Draws a part of the page again if what it shows has changed: focus and selection stay. */
export function show(id, value, draw) {
  const text = JSON.stringify(value);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  const opened = at(id).querySelector("details")?.open ?? false;
  at(id).replaceChildren(...draw(value));
  const details = at(id).querySelector("details");
  if (details) details.open = opened;
}

/** Text that changes seldom, for readers that say each change. */
export function say(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

/** A whole number as people write it. */
export const count = (value) => value.toLocaleString("en");

/** A name as the ledger has it, in words. */
export const words = (name) => name.replaceAll("_", " ");

/** A Unix time in seconds by the clock of this machine, with the day unless it is today. */
export function clock(seconds) {
  const there = new Date(seconds * 1000);
  const isToday = there.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { weekday: "short", day: "numeric", month: "short" };
  return there.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
}

/** So many seconds, roughly. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86400).toFixed(1)} days`;
}
