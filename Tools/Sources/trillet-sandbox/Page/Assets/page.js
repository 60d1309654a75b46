// Live events, and the start of everything.

import { openCall } from "./calls.js";
import { hearClock, prepareClock } from "./clock.js";
import { openDelivery, refreshDeliveries, showDeliveries } from "./deliveries.js";
import { closeDetail, prepareDetail, showDetail } from "./drawer.js";
import { byId } from "./elements.js";
import { prepareFaults, showFaults } from "./faults.js";
import { showHoldings, showOverview } from "./panels.js";
import { forgetRequests, openRequest, readRequests, showRequests } from "./requests.js";
import { ask, known, refresh, Refresh } from "./service.js";
import { choose, isTab, prepareTabs } from "./tabs.js";

refresh.overview = new Refresh(async () => {
  showOverview(await ask("GET", "/sandbox/overview"));
  await showDetail();
}, 250);
refresh.requests = new Refresh(readRequests, 250);
refresh.deliveries = new Refresh(refreshDeliveries, 500);
refresh.faults = new Refresh(async () => showFaults(await ask("GET", "/sandbox/faults")), 250);

const refreshAll = () => Promise.all(Object.values(refresh).map((job) => job.request()));

/** What the address asks for: `#batches`, `#calls/ID`, `#requests/SEQUENCE`. */
const [askedTab, askedItem] = decodeURIComponent(location.hash.slice(1)).split("/");

function openAsked() {
  if (!askedItem) return;
  if (askedTab === "calls") openCall(askedItem);
  if (askedTab === "requests") openRequest(askedItem);
  if (askedTab === "deliveries") openDelivery(askedItem);
}

// Live events

/** @param {string} text @param {string} kind */
function showLive(text, kind) {
  byId("live").textContent = text;
  byId("live").className = `badge ${kind}`;
}

function listen() {
  const events = new EventSource("/sandbox/events");
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
    if (!heard.reset) return refresh.overview?.request();
    forgetRequests();
    return refreshAll();
  });
  on("call", () => {
    refresh.overview?.request();
    refresh.deliveries?.request();
  });
  on("batch", () => refresh.overview?.request());
  on("delivery", () => refresh.deliveries?.request());
  on("fault", () => refresh.faults?.request());
  on("journal", (request) => {
    refresh.requests?.request();
    if (request.method !== "GET") refresh.overview?.request();
    // A used-up rule shows how often it struck.
    if (known.faults?.length) refresh.faults?.request();
  });
}

prepareTabs(closeDetail);
prepareDetail();
prepareClock();
prepareFaults();
byId("workspace").addEventListener("change", () => {
  showHoldings();
  showDeliveries();
});
byId("request-filter").addEventListener("input", showRequests);
choose(askedTab && isTab(askedTab) ? askedTab : "calls");
refreshAll().then(openAsked);
listen();
