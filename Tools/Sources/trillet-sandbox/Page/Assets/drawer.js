// The drawer beside the panels.

import { addressOf, go } from "./address.js";
import { byId, note, pieces, typedById } from "./elements.js";
import { filtersOf } from "./filters.js";
import { Refusal } from "./service.js";
import { chosenTab } from "./tabs.js";

/** What is open, and from where. */
class Opened {
  /** @param {string} name @param {() => Promise<Detail>} load @param {Element | null} opener */
  constructor(name, load, opener) {
    this.name = name;
    this.load = load;
    this.opener = opener;
    /** @type {string | null} */
    this.mark = null;
  }
}

/** @type {Opened | null} */
let opened = null;

const drawer = () => typedById("detail", HTMLDialogElement);

/**
 * Opens the drawer.
 * @param {string} name
 * @param {() => Promise<Detail>} load makes its title and content, again whenever something may be new
 */
export function openDetail(name, load) {
  if (opened?.name === name) return;
  const active = document.activeElement;
  // From one thing in the drawer to the next: the way back is the first one's.
  const opener = opened && active && drawer().contains(active) ? opened.opener : active;
  opened = new Opened(name, load, opener);
  showDetail().then(() => byId("detail-close").focus());
}

export async function showDetail() {
  const current = opened;
  if (!current) return;
  /** @type {Detail} */
  let shown;
  try {
    shown = await current.load();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    shown = { title: current.name, content: [note(error.message)] };
  }
  if (opened !== current) return;
  const mark = JSON.stringify(shown.mark ?? null);
  if (shown.mark === undefined || mark !== current.mark) {
    const isNew = current.mark === null;
    current.mark = mark;
    byId("detail-title").textContent = shown.title;
    byId("detail-body").replaceChildren(...pieces(shown.content));
    if (isNew) drawer().scrollTop = 0;
  }
  if (!drawer().open) drawer().show();
}

/** Closes what is open when the address does not name it any more. */
export function forgetDetail() {
  if (!opened) return;
  const { opener } = opened;
  opened = null;
  drawer().close();
  if (!(opener instanceof HTMLElement)) return;
  if (opener.isConnected) opener.focus();
  else byId(`tab-${chosenTab()}`).focus();
}

/** Goes back to the list alone. */
export function closeDetail() {
  if (opened) go(addressOf(chosenTab(), null, filtersOf(chosenTab())));
}

export function prepareDetail() {
  byId("detail-close").addEventListener("click", closeDetail);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog:modal")) closeDetail();
  });
}
