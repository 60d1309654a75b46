// The address of the page: `#/calls/ID?state=failed` names a tab, what is open beside its list, and
// which part of the list is shown.

/** @typedef {{ tab: string, item: string | null, filters: URLSearchParams }} Place */

/**
 * What the address asks for. `#calls/ID`, as older links have it, means the same.
 * @returns {Place}
 */
export function askedPlace() {
  const [path = "", query = ""] = location.hash.slice(1).replace(/^\//, "").split("?", 2);
  const slash = path.indexOf("/");
  const [tab, item] = slash < 0 ? [path, ""] : [path.slice(0, slash), path.slice(slash + 1)];
  return { tab, item: item ? decoded(item) : null, filters: new URLSearchParams(query) };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {string} tab
 * @param {string | null} [item]
 * @param {URLSearchParams | Record<string, string>} [filters]
 */
export function addressOf(tab, item, filters) {
  const query = new URLSearchParams(filters ?? {}).toString();
  return `#/${tab}${item ? `/${encodeURIComponent(item)}` : ""}${query ? `?${query}` : ""}`;
}

/**
 * What is done when the address has changed.
 * @type {() => void}
 */
let follow = () => {};

/** @param {() => void} action */
export function whenAddressChanges(action) {
  follow = action;
  addEventListener("hashchange", () => follow());
}

/**
 * Goes there; the way back leads here again.
 * @param {string} address
 */
export function go(address) {
  location.hash = address;
  follow();
}

/**
 * Changes the address in place, as for a filter while somebody types it.
 * @param {string} address
 */
export function replaceAddress(address) {
  history.replaceState(null, "", address);
  follow();
}
