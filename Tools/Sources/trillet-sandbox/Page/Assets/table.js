// Tables that are brought up to date cell by cell.

import { element, pieces } from "./elements.js";

/**
 * Fills `parent` with one child per item. Children that stay keep their place, and so the focus.
 * @template Item
 * @param {HTMLElement} parent
 * @param {Item[]} items
 * @param {(item: Item) => string | number} key
 * @param {() => HTMLElement} create
 * @param {(node: HTMLElement, item: Item) => void} update
 */
function arrange(parent, items, key, create, update) {
  const present = new Map(/** @type {HTMLElement[]} */ ([...parent.children])
    .map((node) => [node.dataset.key, node]));
  /** @type {HTMLElement | null} */
  let previous = null;
  for (const item of items) {
    const identifier = String(key(item));
    let node = present.get(identifier);
    if (node) present.delete(identifier);
    else {
      node = create();
      node.dataset.key = identifier;
    }
    update(node, item);
    /** @type {ChildNode | null} */
    const place = previous ? previous.nextSibling : parent.firstChild;
    if (node !== place) parent.insertBefore(node, place);
    previous = node;
  }
  for (const node of present.values()) node.remove();
}

/**
 * A table of items of one kind.
 * @template Item
 */
export class Table {
  /**
   * @param {HTMLElement} parent
   * @param {string} caption
   * @param {Column<Item>[]} columns
   * @param {(item: Item) => string | number} key
   */
  constructor(parent, caption, columns, key) {
    this.columns = columns;
    this.key = key;
    /**
     * What each cell shows, by its mark.
     * @type {WeakMap<Element, string>}
     */
    this.marks = new WeakMap();
    this.caption = element("caption", {}, caption);
    this.rows = element("tbody");
    const titles = columns.map(({ title }) => element("th", { scope: "col" }, title));
    this.empty = element("div", { class: "empty", hidden: true });
    this.sheet = element("div", { class: "sheet" },
      element("table", {}, this.caption, element("thead", {}, element("tr", {}, ...titles)), this.rows));
    parent.append(this.empty, this.sheet);
  }

  /** @param {Item[]} items @param {string} caption */
  show(items, caption) {
    this.empty.hidden = true;
    this.sheet.hidden = false;
    this.caption.textContent = caption;
    arrange(this.rows, items, this.key, () => this.row(), (row, item) => this.fill(row, item));
  }

  /**
   * Shows why there are no rows instead of them.
   * @param {string} reason
   */
  explain(reason) {
    this.rows.replaceChildren();
    this.sheet.hidden = true;
    this.empty.hidden = false;
    this.empty.replaceChildren(reason);
  }

  row() {
    const cells = this.columns.map(({ title, kind }) =>
      element("td", { class: kind, "data-label": title }, element("div")));
    return element("tr", {}, ...cells);
  }

  /** @param {HTMLElement} row @param {Item} item */
  fill(row, item) {
    this.columns.forEach((column, index) => {
      const cell = row.children[index]?.firstElementChild;
      if (!cell) return;
      const value = column.mark(item);
      const mark = JSON.stringify(value) ?? "";
      if (this.marks.get(cell) === mark) return;
      this.marks.set(cell, mark);
      const shown = column.content ? column.content(item) : /** @type {Shown} */ (value);
      cell.replaceChildren(...pieces(shown));
    });
  }
}
