// Live events, the way from an address to what it names, and the start of everything.

import { addressOf, askedPlace, go, whenAddressChanges } from "./address.js";
import { batches, prepareBatches } from "./batches.js";
import { openCall } from "./call.js";
import { prepareCallForm } from "./call-form.js";
import { calls, prepareCalls } from "./calls.js";
import { hearClock, prepareClock } from "./clock.js";
import { prepareConfirm } from "./confirm.js";
import { prepareContactForm } from "./contact-form.js";
import { deliveries, prepareDeliveries } from "./deliveries.js";
import { forgetDetail, prepareDetail, showDetail } from "./drawer.js";
import { byId } from "./elements.js";
import { countFaults, faults, prepareFaults } from "./faults.js";
import { filtersOf, keepFilters, showFilters } from "./filters.js";
import { agents, flows, numbers } from "./holdings.js";
import { prepareKey } from "./key.js";
import { readPlot } from "./plot.js";
import { countRequests, forgetRequests, prepareRequests, requests } from "./requests.js";
import { ask, inWorkspace, known, refresh, Refresh } from "./service.js";
import { showStates } from "./states.js";
import { readSummary } from "./summary.js";
import { choose, chosenTab, isTab, prepareTabs } from "./tabs.js";

/** @type {Record<string, Panel>} */
const panels = { calls: { ...calls, open: openCall }, batches, agents, flows, numbers, requests, deliveries, faults };

const shown = () => panels[chosenTab()];

refresh.summary = new Refresh(async () => {
  await readSummary();
  showStates();
}, 500);
refresh.shown = new Refresh(async () => shown()?.refresh(), 500);
refresh.detail = new Refresh(showDetail, 500);
refresh.plot = new Refresh(() => readPlot(), 1000);
refresh.faults = new Refresh(async () => {
  await countFaults();
  if (chosenTab() === "faults") await faults.refresh();
}, 250);
const requestCount = new Refresh(countRequests, 1000);

const refreshAll = () => {
  requestCount.request();
  return Promise.all(Object.values(refresh).map((job) => job.request()));
};

// Addresses

/** Which tab and workspace the list is of. */
let listed = "";

function showAddress() {
  const place = askedPlace();
  const tab = isTab(place.tab) ? place.tab : "calls";
  const isOther = keepFilters({ ...place, tab });
  const mark = `${tab} ${inWorkspace("")}`;
  if (tab !== chosenTab() || !listed) {
    choose(tab);
    scrollTo({ top: 0, behavior: "auto" });
  }
  showFilters(tab);
  if (isOther || mark !== listed) {
    listed = mark;
    panels[tab]?.show().then(() => refresh.plot?.request());
  }
  const open = panels[tab]?.open;
  if (place.item && open) open(place.item);
  else forgetDetail();
}

async function changeWorkspace() {
  known.about = await ask("GET", inWorkspace("/sandbox/about"));
  await readSummary();
  if (askedPlace().item) go(addressOf(chosenTab(), null, filtersOf(chosenTab())));
  else showAddress();
}

// Live events

/** @param {string} text @param {string} kind */
function showLive(text, kind) {
  if (byId("live").textContent === text) return;
  byId("live").textContent = text;
  byId("live").className = `badge ${kind}`;
}

/**
 * What is read again when something of a kind has changed.
 * @param {Record<string, number>} changed
 */
function hearChanges(changed) {
  const tab = chosenTab();
  const hasCalls = "call" in changed || "batch" in changed;
  if (hasCalls || "journal" in changed || "delivery" in changed) refresh.summary?.request();
  if ("journal" in changed) {
    requestCount.request();
    // A used-up rule shows how often it struck.
    if (known.faults) refresh.faults?.request();
  }
  if ("fault" in changed) refresh.faults?.request();
  if (hasCalls || tab !== "calls") refresh.shown?.request();
  if (hasCalls) refresh.plot?.request();
  refresh.detail?.request();
}

function listen() {
  const events = new EventSource("/sandbox/events?brief=true");
  /** @param {string} name @param {(heard: any) => unknown} action */
  const on = (name, action) =>
    events.addEventListener(name, (event) => action(JSON.parse(event.data)));
  events.addEventListener("open", () => {
    showLive("Live", "good");
    refreshAll();
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) {
      showLive("Not connected", "bad");
      setTimeout(listen, 3000);
    } else {
      showLive("Reconnecting", "wait");
    }
  });
  on("clock", (heard) => {
    hearClock(heard);
    if (heard.reset) {
      forgetRequests();
      shown()?.show();
    }
    return refreshAll();
  });
  on("changed", hearChanges);
}

// Keys for the whole page

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const panel = byId(`panel-${chosenTab()}`);
  const search = panel.querySelector("input[type=search]");
  if (event.key === "/" && !target?.matches("input, select, textarea") && search instanceof HTMLElement) {
    event.preventDefault();
    search.focus();
  }
  const canEnter = target === search || target === panel || target === document.body;
  if (event.key === "ArrowDown" && canEnter) {
    event.preventDefault();
    shown()?.enter();
  }
}

async function begin() {
  prepareTabs((tab) => go(addressOf(tab, null, filtersOf(tab))));
  for (const prepare of [prepareDetail, prepareClock, prepareKey, prepareConfirm, prepareCallForm,
    prepareContactForm, prepareCalls, prepareBatches, prepareRequests, prepareDeliveries, prepareFaults])
    prepare();
  for (const holding of [agents, flows, numbers]) holding.prepare();
  document.addEventListener("keydown", pressed);
  byId("workspace").addEventListener("change", changeWorkspace);
  new ResizeObserver(([entry]) => document.documentElement.style.setProperty("--header",
    `${Math.round(entry?.borderBoxSize[0]?.blockSize ?? 0)}px`)).observe(byId("header"));
  await readSummary().catch(() => {});
  known.about = await ask("GET", inWorkspace("/sandbox/about")).catch(() => null);
  whenAddressChanges(showAddress);
  showAddress();
  listen();
}

begin();
