// A list of very many items of one kind: only the rows in sight are on the page, and only their part
// of the list is asked for.

import { countText, element, pieces } from "./elements.js";
import { Rows } from "./rows.js";
import { Refusal } from "./service.js";

const block = 50;
/** How many rows above and below those in sight are on the page. */
const margin = 6;
const mostBlocks = 40;

/**
 * @template Item
 */
export class List {
  /** @param {HTMLElement} parent @param {ListKind<Item>} kind */
  constructor(parent, kind) {
    this.kind = kind;
    this.rows = new Rows(kind.columns, kind.key);
    /** @type {Map<number, Item[]>} */
    this.blocks = new Map();
    /**
     * Blocks that were read before something changed.
     * @type {Set<number>}
     */
    this.stale = new Set();
    this.total = 0;
    this.generation = 0;
    this.isLoaded = false;
    this.isLoading = false;
    /**
     * While somebody reads further down, later items only count.
     * @type {number | null}
     */
    this.upTo = null;
    this.newest = 0;
    this.active = 0;
    this.isFocusWanted = false;
    this.build(parent);
    this.body = this.rows.body;
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    const draw = () => { if (this.isShown()) this.draw(); };
    addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
    addEventListener("resize", draw);
  }

  /** @param {HTMLElement} parent */
  build(parent) {
    const { name, columns } = this.kind;
    this.count = element("p", { class: "count" });
    this.newer = element("button", { type: "button", class: "newer main", hidden: true,
      onclick: () => this.follow() });
    this.titles = columns.map((column) => element("th",
      { scope: "col", role: "columnheader", class: column.phone ? null : "wide-only" }, ...this.title(column)));
    this.empty = element("div", { class: "empty", hidden: true });
    this.table = element("table", { role: "table", "aria-label": name, class: `list ${name.toLowerCase()}` },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...this.titles)), this.rows.body);
    const widths = (/** @type {Column<Item>[]} */ some) => some.map(({ width }) => width ?? "minmax(0, 1fr)").join(" ");
    this.table.style.setProperty("--columns", widths(columns));
    this.table.style.setProperty("--narrow", widths(columns.filter(({ phone }) => phone)));
    this.sheet = element("div", { class: "sheet", hidden: true }, this.table);
    parent.append(this.count, this.newer, this.empty, this.sheet);
  }

  /** @param {Column<Item>} column @returns {Shown[]} */
  title(column) {
    const unit = column.unit ? element("span", { class: "kind" }, column.unit) : null;
    const { sort } = column;
    if (!sort || !this.kind.sortBy) return [column.title, unit];
    return [element("button", { type: "button", class: "sort", onclick: () => this.kind.sortBy?.(sort) },
      column.title, element("span", { class: "arrow", "aria-hidden": "true" })), unit];
  }

  /** @param {string} sort @param {boolean} isAscending */
  showOrder(sort, isAscending) {
    this.kind.columns.forEach((column, index) => {
      if (!column.sort) return;
      const order = column.sort !== sort ? "none" : isAscending ? "ascending" : "descending";
      this.titles?.[index]?.setAttribute("aria-sort", order);
    });
  }

  isShown() {
    return this.sheet?.offsetParent !== null;
  }

  /** Begins anew, with other filters for example. */
  async reload() {
    this.generation += 1;
    this.blocks.clear();
    this.stale.clear();
    this.upTo = null;
    this.active = 0;
    this.isLoading = false;
    await this.load(0);
  }

  /** Reads again what is in sight; the rest when it comes into sight. */
  async refresh() {
    if (this.isLoading) return;
    for (const number of this.blocks.keys()) this.stale.add(number);
    const { first, last } = this.range();
    const numbers = new Set([Math.floor(first / block), Math.floor(Math.max(last - 1, first) / block)]);
    for (const number of numbers) await this.load(number);
  }

  /** @param {number} number */
  async load(number) {
    const { generation } = this;
    this.isLoading = true;
    /** @type {Part<Item> | null} */
    let part = null;
    try {
      part = await this.kind.load(number * block, block, this.upTo);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (generation === this.generation && !this.isLoaded) this.explain([error.message]);
      return;
    } finally {
      if (generation === this.generation) this.isLoading = false;
    }
    if (generation !== this.generation) return;
    if (!part) return this.explain(["This sandbox does not have these."]);
    this.take(number, part);
  }

  /** @param {number} number @param {Part<Item>} part */
  take(number, part) {
    this.isLoaded = true;
    this.blocks.delete(number);
    this.blocks.set(number, part.entries);
    this.stale.delete(number);
    for (const oldest of this.blocks.keys()) {
      if (this.blocks.size <= mostBlocks) break;
      this.blocks.delete(oldest);
    }
    this.total = part.total;
    this.newest = part.last ?? 0;
    this.showNewer(part.newer ?? 0);
    this.kind.counted?.(part);
    if (!part.total) return this.explain(this.kind.empty());
    if (this.empty) this.empty.hidden = true;
    if (this.sheet) this.sheet.hidden = false;
    this.table?.setAttribute("aria-rowcount", String(part.total + 1));
    this.body?.style.setProperty("--total", String(part.total));
    if (this.count) this.count.textContent = this.kind.countText?.(part) ?? countText(part.total);
    this.draw();
  }

  /** @param {number} count */
  showNewer(count) {
    if (!this.newer) return;
    this.newer.hidden = !count;
    const text = `${countText(count)} newer: show ${count === 1 ? "it" : "them"}`;
    if (count && this.newer.textContent !== text) this.newer.textContent = text;
  }

  /** Goes back to the top, where new ones appear. */
  follow() {
    this.upTo = null;
    const top = this.table?.parentElement?.parentElement?.getBoundingClientRect().top ?? 0;
    if (top < 0) scrollBy({ top: top - 200, behavior: "auto" });
    this.reload();
  }

  /** @param {Shown[]} reasons */
  explain(reasons) {
    this.rows.clear();
    if (this.count) this.count.textContent = "";
    if (this.sheet) this.sheet.hidden = true;
    if (!this.empty) return;
    const mark = reasons.map((reason) => (reason instanceof Node ? reason.textContent : reason)).join();
    if (!this.empty.hidden && this.empty.dataset.mark === mark) return;
    this.empty.hidden = false;
    this.empty.dataset.mark = mark;
    this.empty.replaceChildren(...pieces(reasons));
  }

  height() {
    const text = this.body ? getComputedStyle(this.body).getPropertyValue("--row") : "";
    return Number.parseFloat(text) || 44;
  }

  /** The numbers of the rows in sight and a few around them. */
  range() {
    const height = this.height();
    const top = this.body?.getBoundingClientRect().top ?? 0;
    const first = Math.max(0, Math.floor(-top / height) - margin);
    const last = Math.min(this.total, Math.ceil((innerHeight - top) / height) + margin);
    return { first: Math.min(first, this.total), last: Math.max(last, 0), isAtTop: -top < height };
  }

  /** @param {number} index */
  item(index) {
    return this.blocks.get(Math.floor(index / block))?.[index % block] ?? null;
  }

  draw() {
    if (!this.total || this.sheet?.hidden) return;
    const { first, last, isAtTop } = this.range();
    if (this.kind.isSteady) this.hold(isAtTop);
    const items = [];
    for (let index = first; index < last; index += 1) items.push(this.item(index));
    this.rows.show(first, items);
    this.loadMissing(first, last);
    if (this.isFocusWanted) this.focusActive();
  }

  /** @param {boolean} isAtTop */
  hold(isAtTop) {
    if (!isAtTop && this.upTo === null) this.upTo = this.newest;
    if (!isAtTop || this.upTo === null) return;
    this.upTo = null;
    for (const number of this.blocks.keys()) this.stale.add(number);
  }

  /**
   * One part after the other: of those that were passed in the meantime none is asked for.
   * @param {number} first
   * @param {number} last
   */
  async loadMissing(first, last) {
    if (this.isLoading) return;
    for (let number = Math.floor(first / block); number * block < last; number += 1) {
      if (this.blocks.has(number) && !this.stale.has(number)) continue;
      await this.load(number);
      return;
    }
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    const here = row ? Number(row.dataset.index) : this.active;
    const page = Math.max(1, Math.floor(innerHeight / this.height()) - 4);
    /** @type {Record<string, number>} */
    const targets = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page,
      PageUp: here - page, Home: 0, End: this.total - 1 };
    const target = targets[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.focusRow(target);
  }

  /** @param {number} index */
  focusRow(index) {
    if (!this.total || !this.body) return;
    this.active = Math.max(0, Math.min(index, this.total - 1));
    const height = this.height();
    const covered = (this.titles?.[0]?.getBoundingClientRect().bottom ?? 0) + 4;
    const top = this.body.getBoundingClientRect().top + this.active * height;
    if (top < covered) scrollBy({ top: top - covered, behavior: "auto" });
    else if (top + height > innerHeight) scrollBy({ top: top + height - innerHeight + 8, behavior: "auto" });
    this.isFocusWanted = true;
    this.draw();
  }

  focusActive() {
    const target = this.rows.at(this.active)?.querySelector("a, button");
    if (!(target instanceof HTMLElement)) return;
    this.isFocusWanted = false;
    target.focus({ preventScroll: true });
  }
}
