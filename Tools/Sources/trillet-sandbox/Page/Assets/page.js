// Tabs, live events, and the start of everything.

const refresh = {
  overview: new Refresh(async () => {
    showOverview(await ask("GET", "/sandbox/overview"));
    await showDetail();
  }, 250),
  requests: new Refresh(readRequests, 250),
  deliveries: new Refresh(refreshDeliveries, 500),
  faults: new Refresh(async () => showFaults(await ask("GET", "/sandbox/faults")), 250),
};

const refreshAll = () => Promise.all(Object.values(refresh).map((job) => job.request()));

// Tabs

const tabs = [...document.querySelectorAll('[role="tab"]')];

const chosenTab = () => tabs.find((tab) => tab.ariaSelected === "true").id.slice("tab-".length);

function choose(name) {
  for (const tab of tabs) {
    const isChosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !isChosen;
    if (isChosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function prepareTabs() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      closeDetail();
      choose(tab.id.slice("tab-".length));
      history.replaceState(null, "", `#${chosenTab()}`);
    });
    tab.addEventListener("keydown", (event) => {
      const here = tabs.indexOf(tab);
      const there = {
        ArrowRight: here + 1, ArrowLeft: here - 1 + tabs.length, Home: 0, End: tabs.length - 1,
      }[event.key];
      if (there === undefined) return;
      event.preventDefault();
      tabs[there % tabs.length].focus();
      tabs[there % tabs.length].click();
    });
  }
}

/** What the address asks for: `#batches`, `#calls/ID`, `#requests/SEQUENCE`. */
const [askedTab, askedItem] = decodeURIComponent(location.hash.slice(1)).split("/");

function openAsked() {
  const [name, identifier] = [askedTab, askedItem];
  if (!identifier) return;
  if (name === "calls") openCall(identifier);
  if (name === "requests") openRequest(identifier);
  if (name === "deliveries") openDelivery(identifier);
}

// Live events

function showLive(text, kind) {
  byId("live").textContent = text;
  byId("live").className = `badge ${kind}`;
}

function listen() {
  const events = new EventSource("/sandbox/events");
  const on = (name, action) => events.addEventListener(name, (event) => action(JSON.parse(event.data)));
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
    if (!heard.reset) return refresh.overview.request();
    forgetRequests();
    return refreshAll();
  });
  on("call", () => {
    refresh.overview.request();
    refresh.deliveries.request();
  });
  on("batch", () => refresh.overview.request());
  on("delivery", () => refresh.deliveries.request());
  on("fault", () => refresh.faults.request());
  on("journal", (request) => {
    refresh.requests.request();
    if (request.method !== "GET") refresh.overview.request();
    // A used-up rule shows how often it struck.
    if (known.faults?.length) refresh.faults.request();
  });
}

prepareTabs();
prepareDetail();
prepareClock();
prepareFaults();
byId("workspace").addEventListener("change", () => {
  showHoldings();
  showDeliveries();
});
byId("request-filter").addEventListener("input", showRequests);
choose(tabs.some((tab) => tab.id === `tab-${askedTab}`) ? askedTab : "calls");
refreshAll().then(openAsked);
listen();
