// The tabs and what is counted on them.

import { byId, countText } from "./elements.js";

const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[role="tab"]')]);

/** @param {HTMLElement} tab */
const nameOf = (tab) => tab.id.slice("tab-".length);

/** @param {string | undefined} name */
export const isTab = (name) => tabs.some((tab) => nameOf(tab) === name);

export function chosenTab() {
  const chosen = tabs.find((tab) => tab.getAttribute("aria-selected") === "true");
  return chosen ? nameOf(chosen) : "calls";
}

/** @param {string} name */
export function choose(name) {
  for (const tab of tabs) {
    const isChosen = nameOf(tab) === name;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls") ?? "").hidden = !isChosen;
    if (isChosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

/**
 * Listens for clicks and arrow keys.
 * @param {(name: string) => void} open what shows another tab
 */
export function prepareTabs(open) {
  for (const tab of tabs) {
    tab.addEventListener("click", () => open(nameOf(tab)));
    tab.addEventListener("keydown", (event) => {
      const there = neighbour(event.key, tabs.indexOf(tab));
      if (there === null) return;
      event.preventDefault();
      const next = tabs[there % tabs.length];
      next?.focus();
      next?.click();
    });
  }
}

/**
 * Where a key leads from a tab, or null.
 * @param {string} key
 * @param {number} here
 */
function neighbour(key, here) {
  switch (key) {
    case "ArrowRight": return here + 1;
    case "ArrowLeft": return here - 1 + tabs.length;
    case "Home": return 0;
    case "End": return tabs.length - 1;
    default: return null;
  }
}

/** @param {string} tab @param {number | null} count */
export function countOn(tab, count) {
  const text = count === null ? "" : countText(count);
  const span = byId(`tab-${tab}`).querySelector("span");
  if (span && span.textContent !== text) span.textContent = text;
}
