// Elements. Whatever comes from the sandbox is put on the page as text, never as markup.

const byId = (id) => document.getElementById(id);

/** Makes an element; `on…` attributes are listeners, children are elements or texts. */
function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const badge = (text, kind) => element("span", { class: `badge ${kind ?? ""}` }, text);
const note = (text) => element("span", { class: "note" }, text);
const mono = (text) => element("span", { class: "mono" }, text);
const link = (text, open) => element("button", { type: "button", class: "link", onclick: open }, text);

/** Fills `parent` with one child per item. Children that stay keep their place, and so the focus. */
function arrange(parent, items, key, create, update) {
  const present = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let previous = null;
  for (const item of items) {
    const identifier = String(key(item));
    let node = present.get(identifier);
    if (node) present.delete(identifier);
    else {
      node = create(item);
      node.dataset.key = identifier;
    }
    update(node, item);
    const place = previous ? previous.nextSibling : parent.firstChild;
    if (node !== place) parent.insertBefore(node, place);
    previous = node;
  }
  for (const node of present.values()) node.remove();
}

/** A table that is brought up to date cell by cell. */
class Table {
  /** columns: [title, (item) => anything that tells whether a cell changed, (item) => content, class] */
  constructor(parent, caption, columns, key) {
    this.columns = columns;
    this.key = key;
    this.caption = element("caption", {}, caption);
    this.rows = element("tbody");
    const titles = columns.map(([title]) => element("th", { scope: "col" }, title));
    this.empty = element("div", { class: "empty", hidden: true });
    this.sheet = element("div", { class: "sheet" },
      element("table", {}, this.caption, element("thead", {}, element("tr", {}, titles)), this.rows));
    parent.append(this.empty, this.sheet);
  }

  show(items, caption) {
    this.empty.hidden = true;
    this.sheet.hidden = false;
    this.caption.textContent = caption;
    arrange(this.rows, items, this.key, () => this.row(), (row, item) => this.fill(row, item));
  }

  /** Shows why there are no rows instead of them. */
  explain(...content) {
    this.rows.replaceChildren();
    this.sheet.hidden = true;
    this.empty.hidden = false;
    this.empty.replaceChildren(...content);
  }

  row() {
    const cells = this.columns.map(([title, , , kind]) =>
      element("td", { class: kind, "data-label": title }, element("div")));
    return element("tr", {}, cells);
  }

  fill(row, item) {
    this.columns.forEach(([, value, content], index) => {
      const cell = row.children[index].firstChild;
      const mark = JSON.stringify(value(item)) ?? "";
      if (cell.mark === mark) return;
      cell.mark = mark;
      const shown = (content ?? value)(item);
      cell.replaceChildren(...[shown].flat().filter((part) => part !== null && part !== undefined)
        .map((part) => (part instanceof Node ? part : String(part))));
    });
  }
}

/** A definition list of the facts that are known. */
function facts(entries) {
  const known = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", { class: "facts" }, known.flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value instanceof Node ? value : String(value))]));
}

/** A heading with a text below it that can be copied. */
function copyable(title, text) {
  const copy = element("button", { type: "button", onclick: () => copyText(text, title) }, "Copy");
  copy.setAttribute("aria-label", `Copy ${title}`);
  return [element("div", { class: "heading" }, element("h3", {}, title), copy),
    element("pre", { tabindex: "0" }, text)];
}

async function copyText(text, title) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${title} copied`);
  } catch {
    announce("The browser does not let this page copy: select the text instead");
  }
}

let announcementTimer;
/** Tells something to everybody, also to those who listen. */
function announce(text) {
  byId("announcement").textContent = text;
  clearTimeout(announcementTimer);
  announcementTimer = setTimeout(() => { byId("announcement").textContent = ""; }, 4000);
}

const indented = (value) => JSON.stringify(value, null, 2);

/** JSON text with indentation, any other text as it is. */
function readable(text) {
  try {
    return indented(JSON.parse(text));
  } catch {
    return text;
  }
}

const timeText = (milliseconds) =>
  milliseconds === null || milliseconds === undefined ? "–"
    : new Date(milliseconds).toISOString().replace("T", " ").slice(0, 19);

/** Only the time of day: the day is that of most others. */
const hourText = (milliseconds) => timeText(milliseconds).slice(11) || "–";

/** `850 ms`, `12 s`, `3 min 20 s` */
function durationText(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
