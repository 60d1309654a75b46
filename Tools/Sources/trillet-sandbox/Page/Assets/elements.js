// Elements. Whatever comes from the sandbox is put on the page as text, never as markup.

/**
 * The element of the page with this id.
 * @param {string} id
 */
export const byId = (id) => typedById(id, HTMLElement);

/**
 * The same, of the type that is expected of it.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function typedById(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} "${id}"`);
  return found;
}

/** @param {string} id */
export const inputById = (id) => typedById(id, HTMLInputElement);

/**
 * Makes an element; `on…` attributes are listeners, children are elements or texts.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown> | null} [attributes]
 * @param {(Shown | Shown[])[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), () => value());
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...pieces(children));
  return node;
}

/**
 * What can be appended of what is to be shown.
 * @param {Shown | (Shown | Shown[])[]} shown
 */
export const pieces = (shown) => [shown].flat(2).flatMap((piece) =>
  (piece === null || piece === undefined ? [] : [piece instanceof Node ? piece : String(piece)]));

/** @param {Shown} text @param {string} [kind] */
export const badge = (text, kind) => element("span", { class: `badge ${kind ?? ""}` }, text);
/** @param {Shown} content */
export const note = (content) => element("span", { class: "note" }, content);
/** @param {Shown} text */
export const mono = (text) => element("span", { class: "mono" }, text);
/**
 * A link to something else on the page.
 * @param {Shown} text
 * @param {string} address
 */
export const link = (text, address) => element("a", { class: "link", href: address }, text);

/**
 * A moment of simulated time, which is not that of the clock on the wall.
 * @param {number | null | undefined} milliseconds
 */
export const simulated = (milliseconds) => (milliseconds === null || milliseconds === undefined
  ? null : element("span", {}, `${timeText(milliseconds)} UTC `, element("span", { class: "kind" }, "simulated")));

/**
 * A moment of real time.
 * @param {number} milliseconds
 */
export const real = (milliseconds) =>
  element("span", {}, `${timeText(milliseconds)} UTC `, element("span", { class: "kind" }, "real time"));

/**
 * `100,000`
 * @param {number} count
 */
export const countText = (count) => count.toLocaleString("en-US");

/**
 * A definition list of the facts that are known.
 * @param {Record<string, Shown>} entries
 */
export function facts(entries) {
  const known = Object.entries(entries)
    .filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", { class: "facts" }, known.flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value)]));
}

/**
 * A heading with a text below it that can be copied.
 * @param {string} title
 * @param {string} text
 * @returns {Shown[]}
 */
export function copyable(title, text) {
  const copy = element("button", { type: "button", onclick: () => copyText(text, title) }, "Copy");
  copy.setAttribute("aria-label", `Copy ${title}`);
  return [element("div", { class: "heading" }, element("h3", {}, title), copy),
    element("pre", { tabindex: "0" }, text)];
}

/** @param {string} text @param {string} title */
async function copyText(text, title) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${title} copied`);
  } catch {
    announce("The browser does not let this page copy: select the text instead");
  }
}

/** @type {number | undefined} */
let announcementTimer;

/**
 * Tells something to everybody, also to those who listen.
 * @param {string} text
 */
export function announce(text) {
  byId("announcement").textContent = text;
  clearTimeout(announcementTimer);
  announcementTimer = window.setTimeout(() => { byId("announcement").textContent = ""; }, 4000);
}

/** @param {unknown} value */
const indented = (value) => JSON.stringify(value, null, 2);

/**
 * JSON text with indentation, any other text as it is.
 * @param {string} text
 */
export function readable(text) {
  try {
    return indented(JSON.parse(text));
  } catch {
    return text;
  }
}

/** @param {number | null | undefined} milliseconds */
export const timeText = (milliseconds) =>
  milliseconds === null || milliseconds === undefined ? "–"
    : new Date(milliseconds).toISOString().replace("T", " ").slice(0, 19);

/**
 * Only the time of day: the day is that of most others.
 * @param {number | null | undefined} milliseconds
 */
export const hourText = (milliseconds) => timeText(milliseconds).slice(11) || "–";

/** @param {string} title @param {() => unknown} action @param {string} [kind] */
export const button = (title, action, kind) =>
  element("button", { type: "button", class: kind ?? null, onclick: action }, title);

/**
 * `850 ms`, `12 s`, `3 min 20 s`
 * @param {number} milliseconds
 */
export function durationText(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
