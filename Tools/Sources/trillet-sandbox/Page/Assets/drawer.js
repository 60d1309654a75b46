// The drawer beside the panels.

import { byId, note, pieces, typedById } from "./elements.js";
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
  const opener = opened?.name === name ? opened.opener : document.activeElement;
  opened = new Opened(name, load, opener);
  history.replaceState(null, "", `#${name}`);
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
    current.mark = mark;
    byId("detail-title").textContent = shown.title;
    byId("detail-body").replaceChildren(...pieces(shown.content));
  }
  if (!drawer().open) drawer().show();
}

export function closeDetail() {
  if (!opened) return;
  const { opener } = opened;
  opened = null;
  drawer().close();
  history.replaceState(null, "", `#${chosenTab()}`);
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
}

export function prepareDetail() {
  byId("detail-close").addEventListener("click", closeDetail);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !typedById("reset-dialog", HTMLDialogElement).open) closeDetail();
  });
}
