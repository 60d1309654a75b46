// What of a list is shown: fields above it, kept in the address, so that a link shows the same.

import { addressOf, askedPlace, replaceAddress } from "./address.js";
import { button, element } from "./elements.js";
import { ask, inWorkspace } from "./service.js";
import { chosenTab } from "./tabs.js";

/**
 * The filters of each list as they were when it was shown last.
 * @type {Map<string, URLSearchParams>}
 */
const kept = new Map();

/** @param {string} tab */
export const filtersOf = (tab) => kept.get(tab) ?? new URLSearchParams();

const orders = ["sort", "direction"];

/**
 * The names of the filters that leave something out.
 * @param {string} tab
 */
const narrowing = (tab) => [...filtersOf(tab).keys()].filter((name) => !orders.includes(name));

/** @param {string} tab */
export const isFiltered = (tab) => narrowing(tab).length > 0;

/**
 * A part of the list of a tab, by its filters.
 * @param {string} tab
 * @param {Record<string, string | number | null>} part
 * @returns {Promise<any>}
 */
export const askForPart = (tab, part) =>
  ask("GET", inWorkspace(`/sandbox/${tab}`, { ...Object.fromEntries(filtersOf(tab)), ...part }));

/**
 * Keeps the filters that the address names. A link to one item names none and leaves them.
 * @param {import("./address.js").Place} place
 * @returns {boolean} whether they are others than before
 */
export function keepFilters(place) {
  if (place.item && !place.filters.toString()) return false;
  const before = filtersOf(place.tab).toString();
  kept.set(place.tab, place.filters);
  return before !== place.filters.toString();
}

/** @param {string} tab @param {Record<string, string | null>} changes null or an empty text takes one away */
export function changeFilters(tab, changes) {
  const filters = new URLSearchParams(filtersOf(tab));
  for (const [name, value] of Object.entries(changes)) {
    if (value) filters.set(name, value);
    else filters.delete(name);
  }
  const place = askedPlace();
  // What is open beside the list stays open; its address does not name the filters alone.
  if (!filters.toString() && place.item) kept.set(tab, filters);
  replaceAddress(addressOf(tab, place.tab === tab ? place.item : null, filters));
}

/**
 * Fields that follow their filters.
 * @type {Map<string, (() => void)[]>}
 */
const followers = new Map();

/** @param {string} tab */
export function showFilters(tab) {
  for (const follower of followers.get(tab) ?? []) follower();
}

/** @param {string} tab @param {() => void} follower */
export function followFilters(tab, follower) {
  followers.set(tab, [...followers.get(tab) ?? [], follower]);
}

/**
 * A field for text, which looks a little after the last key.
 * @param {string} tab
 * @param {string} name
 * @param {string} label
 * @param {Record<string, string>} [attributes]
 */
export function textFilter(tab, name, label, attributes) {
  const field = element("input", { type: "search", id: `${tab}-${name}`, autocomplete: "off", spellcheck: "false", ...attributes });
  /** @type {number | undefined} */
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      // Somebody who has gone on to another list does not want this one back.
      if (chosenTab() === tab) changeFilters(tab, { [name]: field.value.trim() });
    }, 200);
  });
  followFilters(tab, () => {
    const value = filtersOf(tab).get(name) ?? "";
    if (field.value.trim() !== value) field.value = value;
  });
  return element("label", { class: name === "search" ? "search" : null }, element("span", {}, label), field);
}

/**
 * A field that chooses one of several.
 * @param {string} tab
 * @param {string} name
 * @param {string} label
 * @param {[string, string][]} options each with its value
 */
export function choiceFilter(tab, name, label, options) {
  const field = element("select", { id: `${tab}-${name}` });
  showOptions(field, options);
  field.addEventListener("change", () => changeFilters(tab, { [name]: field.value }));
  followFilters(tab, () => choose(field, filtersOf(tab).get(name) ?? ""));
  return { field, label: element("label", {}, element("span", {}, label), field) };
}

/** @param {HTMLSelectElement} field @param {[string, string][]} options */
export function showOptions(field, options) {
  const mark = JSON.stringify(options);
  if (field.dataset.mark === mark) return;
  field.dataset.mark = mark;
  const { value } = field;
  field.replaceChildren(...options.map(([one, text]) => element("option", { value: one }, text)));
  choose(field, value);
}

/**
 * What is not listed is added: a link may name anything.
 * @param {HTMLSelectElement} field
 * @param {string} value
 */
function choose(field, value) {
  if (![...field.options].some((option) => option.value === value))
    field.append(element("option", { value }, value));
  field.value = value;
}

/**
 * A moment of simulated time, in UTC.
 * @param {string} tab
 * @param {string} name
 * @param {string} label
 */
export function momentFilter(tab, name, label) {
  const field = element("input", { type: "datetime-local", step: "1", id: `${tab}-${name}` });
  field.addEventListener("change", () => {
    const moment = new Date(`${field.value}Z`).getTime();
    changeFilters(tab, { [name]: Number.isNaN(moment) ? null : String(moment) });
  });
  followFilters(tab, () => {
    const moment = Number(filtersOf(tab).get(name));
    field.value = moment ? new Date(moment).toISOString().slice(0, 19) : "";
  });
  return element("label", {}, element("span", {}, label), field);
}

/**
 * Takes the filters away, but for the order of the list.
 * @param {string} tab
 * @param {Record<string, string>} hidden names that no field shows, with what to call them
 */
export function clearFilters(tab, hidden = {}) {
  const others = element("span", { class: "chips" });
  const clear = button("Clear filters", () => changeFilters(tab,
    Object.fromEntries(narrowing(tab).map((name) => [name, null]))), "plain");
  followFilters(tab, () => {
    const filters = filtersOf(tab);
    clear.hidden = !isFiltered(tab);
    others.replaceChildren(...Object.entries(hidden).filter(([name]) => filters.has(name))
      .map(([name, text]) => element("span", { class: "badge busy" }, `${text}: ${filters.get(name)}`)));
  });
  clear.hidden = true;
  return [others, clear];
}

/** @param {string} tab @param {string} sort a click on the same column turns the order around */
export function sortBy(tab, sort) {
  const filters = filtersOf(tab);
  const isSame = (filters.get("sort") ?? "created") === sort;
  const isAscending = filters.get("direction") === "ascending";
  changeFilters(tab, { sort: sort === "created" ? null : sort,
    direction: isSame && !isAscending ? "ascending" : null });
}
