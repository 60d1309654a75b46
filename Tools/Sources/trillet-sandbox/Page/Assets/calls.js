// The drawer beside the panels, and one call in it.

const detail = { name: null, load: null, opener: null, mark: null };

/** Opens the drawer; `load` makes its title and content, again whenever something may be new. */
function openDetail(name, load) {
  if (detail.name !== name) detail.opener = document.activeElement;
  Object.assign(detail, { name, load, mark: null });
  history.replaceState(null, "", `#${name}`);
  showDetail().then(() => byId("detail-close").focus());
}

async function showDetail() {
  const { name, load } = detail;
  if (!name) return;
  let shown;
  try {
    shown = await load();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    shown = { title: name, content: [note(error.message)] };
  }
  if (detail.name !== name) return;
  const mark = JSON.stringify(shown.mark ?? null);
  if (shown.mark === undefined || mark !== detail.mark) {
    detail.mark = mark;
    byId("detail-title").textContent = shown.title;
    byId("detail-body").replaceChildren(...shown.content.flat().filter(Boolean));
  }
  if (!byId("detail").open) byId("detail").show();
}

function closeDetail() {
  if (!detail.name) return;
  detail.name = null;
  byId("detail").close();
  history.replaceState(null, "", `#${chosenTab()}`);
  if (detail.opener?.isConnected) detail.opener.focus();
}

function prepareDetail() {
  byId("detail-close").addEventListener("click", closeDetail);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !byId("reset-dialog").open) closeDetail();
  });
}

function openCall(identifier) {
  openDetail(`calls/${identifier}`, async () => {
    const listed = (known.overview?.workspaces ?? []).flatMap((one) => one.calls)
      .find((call) => call.id === identifier);
    const whole = await ask("GET", `/sandbox/calls/${encodeURIComponent(identifier)}`);
    const call = { ...listed, ...whole };
    if (!listed && !whole) return { title: "Call", content: [note(`There is no call ${identifier}.`)] };
    return { title: `Call ${identifier}`, content: callContent(call), mark: call };
  });
}

function callContent(call) {
  const state = call.state ?? call.status;
  const agent = call.agentName ?? call.agentId;
  return [
    facts([
      ["State", call.outcome ? callBadge(call) : stateBadge(state)],
      ["From", call.fromNumber], ["To", call.toNumber], ["Agent", agent], ["Flow", call.flowId],
      ["Batch", call.batchId], ["Duration", call.duration === null ? null : call.duration === undefined ? null : `${call.duration} s`],
      ["Recorded", call.recorded === undefined ? null : call.recorded ? "yes" : "no"],
      ["Callback", call.callbackUrl],
    ]),
    timeline(call),
    transcript(call),
    values("Variables", call.variables),
    values("Metadata", call.metadata),
  ];
}

function timeline(call) {
  if (!Array.isArray(call.timeline) || !call.timeline.length) return null;
  const start = call.timeline[0].at;
  return [
    element("h3", {}, "Timeline"),
    element("ol", { class: "timeline" }, call.timeline.map(({ state, at }) =>
      element("li", {}, element("b", {}, state),
        element("span", { class: "number" }, `${hourText(at)}  +${durationText(at - start)}`)))),
  ];
}

function transcript(call) {
  if (typeof call.transcript !== "string") return null;
  const lines = call.transcript.split("\n").filter((line) => line);
  if (!lines.length) return [element("h3", {}, "Transcript"), note("Nobody spoke.")];
  return [element("h3", {}, "Transcript"), element("ol", { class: "talk" }, lines.map((line) => {
    const [, who, words] = /^([A-Z][a-z]+): (.*)$/.exec(line) ?? [null, null, line];
    return element("li", { class: who === "Agent" ? "agent" : null },
      who ? element("b", {}, who) : null, words);
  }))];
}

function values(title, object) {
  if (!object || typeof object !== "object" || !Object.keys(object).length) return null;
  return [element("h3", {}, title), facts(Object.entries(object).map(([name, value]) =>
    [name, typeof value === "string" ? value : JSON.stringify(value)]))];
}
