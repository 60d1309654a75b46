// The rows of a list that are on the page: a few of very many, each at its place by its number.

import { element, pieces } from "./elements.js";

/**
 * @template Item
 */
export class Rows {
  /** @param {Column<Item>[]} columns @param {(item: Item) => string | number} key */
  constructor(columns, key) {
    this.columns = columns;
    this.key = key;
    /**
     * What each cell shows, so that only what has changed is written anew.
     * @type {WeakMap<Element, string>}
     */
    this.marks = new WeakMap();
    /** @type {Map<string, HTMLElement>} */
    this.shown = new Map();
    /**
     * Rows that are not shown any more, to be used again.
     * @type {HTMLElement[]}
     */
    this.spare = [];
    this.body = element("tbody", { role: "rowgroup", tabindex: "-1" });
  }

  /**
   * Shows these items from a number on; null is one that has not arrived yet. A row that stays is
   * not moved in the document, which would take the focus from it.
   * @param {number} first
   * @param {(Item | null)[]} items
   */
  show(first, items) {
    const wanted = items.map((item, index) =>
      (item === null ? `#${first + index}` : `=${this.key(item)}`));
    const staying = new Set(wanted);
    let lostFocus = false;
    for (const [name, row] of this.shown) {
      if (staying.has(name)) continue;
      lostFocus ||= row.contains(document.activeElement);
      row.remove();
      this.shown.delete(name);
      this.spare.push(row);
    }
    /** @type {ChildNode | null} */
    let place = this.body.firstChild;
    items.forEach((item, index) => {
      const name = wanted[index] ?? "";
      const row = this.shown.get(name) ?? this.spare.pop() ?? this.make();
      this.shown.set(name, row);
      this.put(row, first + index);
      this.fill(row, item);
      if (row === place) place = place.nextSibling;
      else this.body.insertBefore(row, place);
    });
    if (lostFocus) this.body.focus({ preventScroll: true });
  }

  make() {
    const cells = this.columns.map((column) => {
      const cell = element("td", { role: "cell", class: classOf(column), "data-label": column.title },
        element("div"));
      if (column.phone) cell.style.setProperty("--phone", String(column.phone));
      return cell;
    });
    return element("tr", { role: "row" }, ...cells);
  }

  /** @param {HTMLElement} row @param {number} index */
  put(row, index) {
    const text = String(index);
    if (row.dataset.index === text) return;
    row.dataset.index = text;
    row.setAttribute("aria-rowindex", String(index + 2));
    row.style.setProperty("--index", text);
  }

  /** @param {HTMLElement} row @param {Item | null} item */
  fill(row, item) {
    this.columns.forEach((column, index) => {
      const cell = row.children[index]?.firstElementChild;
      if (!cell) return;
      const value = item === null ? "" : column.mark(item);
      const mark = JSON.stringify(value) ?? "";
      if (this.marks.get(cell) === mark) return;
      this.marks.set(cell, mark);
      if (item === null) cell.replaceChildren();
      else cell.replaceChildren(...pieces(column.content ? column.content(item) : /** @type {Shown} */ (value)));
    });
  }

  /**
   * The row with this number, if it is on the page.
   * @param {number} index
   */
  at(index) {
    return this.body.querySelector(`tr[data-index="${index}"]`);
  }

  clear() {
    this.body.replaceChildren();
    this.shown.clear();
    this.spare = [];
  }
}

/** @template Item @param {Column<Item>} column */
const classOf = (column) =>
  [column.kind ?? "", column.phone ? "" : "wide-only"].filter(Boolean).join(" ") || null;
