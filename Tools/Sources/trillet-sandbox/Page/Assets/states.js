// How many calls are in which state; a click shows them alone.

import { countText, element } from "./elements.js";
import { changeFilters, filtersOf } from "./filters.js";
import { known } from "./service.js";

/** @type {[string, string][]} */
const states = [["", "All"], ["running", "Running"], ["queued", "Queued"], ["ringing", "Ringing"],
  ["talking", "Talking"], ["successful", "Successful"], ["failed", "Failed"]];

/** @type {Map<string, HTMLButtonElement>} */
const buttons = new Map();

export function stateFilter() {
  for (const [state, text] of states) {
    buttons.set(state, element("button", { type: "button", class: `state ${state}`, "aria-pressed": "false",
      onclick: () => changeFilters("calls", { state }) }, `${text} `, element("span")));
  }
  return element("div", { class: "states", role: "group", "aria-label": "State" }, ...buttons.values());
}

export function showStates() {
  const counts = known.summary?.calls;
  const chosen = filtersOf("calls").get("state") ?? "";
  for (const [state, button] of buttons) {
    button.setAttribute("aria-pressed", String(state === chosen));
    const count = button.querySelector("span");
    if (!counts || !count) continue;
    const text = countText(countOf(counts, state));
    if (count.textContent !== text) count.textContent = text;
  }
}

/** @param {CallCounts} counts @param {string} state */
function countOf(counts, state) {
  if (!state) return counts.total;
  if (state === "running") return counts.queued + counts.ringing + counts.talking;
  return counts[/** @type {keyof CallCounts} */ (state)];
}
