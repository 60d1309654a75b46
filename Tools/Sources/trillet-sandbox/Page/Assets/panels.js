// The panels of what a workspace holds: agents, flows, numbers, batches and calls.

const kinds = {
  queued: "wait", ringing: "busy", talking: "busy", ended: "quiet", processing: "busy",
  completed: "good", successful: "good", failed: "bad", cancelled: "quiet", waiting: "wait",
  active: "busy", delivered: "good", pending: "wait",
};

const stateBadge = (state) => badge(state, kinds[state]);

const nameOf = (item) => [item.agentName ?? (item.agentId ? "deleted" : "–"),
  item.agentId ? note(mono(item.agentId)) : null];
const agentMark = (item) => [item.agentId, item.agentName];

/** How a call stands: its state, or for an ended one how it went. */
function callBadge(call) {
  return call.outcome ? badge(call.error ?? call.outcome, kinds[call.outcome]) : stateBadge(call.state);
}

function progressBar(batch) {
  const segments = [["good", batch.completed], ["bad", batch.failed], ["busy", batch.active]];
  const done = batch.completed + batch.failed + batch.cancelled;
  const bar = element("div", {
    class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": batch.total,
    "aria-valuenow": done, "aria-label": `${batch.id}: ${done} of ${batch.total} calls done`,
  });
  for (const [kind, count] of segments) {
    const segment = element("i", { class: kind });
    segment.style.width = `${batch.total ? (100 * count) / batch.total : 0}%`;
    bar.append(segment);
  }
  return bar;
}

const batchMark = (batch) => [batch.waiting, batch.active, batch.completed, batch.failed, batch.cancelled, batch.total];

function batchProgress(batch) {
  const counts = ["completed", "failed", "active", "waiting", "cancelled"]
    .filter((name) => batch[name] > 0).map((name) => `${batch[name]} ${name}`);
  return [progressBar(batch), note(`${batch.total} calls: ${counts.join(", ")}`)];
}

/** One panel per kind: what it says when it is empty, and its columns. */
const holdings = {
  calls: {
    empty: "No calls yet. Send one with POST /api/v1/calls/call, or start a batch.",
    columns: [
      ["Call", (call) => call.id, (call) => link(call.id, () => openCall(call.id)), "mono"],
      ["State", (call) => [call.state, call.outcome, call.error], callBadge],
      ["To", (call) => call.toNumber, null, "number"],
      ["Agent", agentMark, nameOf],
      ["Batch", (call) => call.batchId ?? "–", null, "mono"],
      ["Started", (call) => timeText(call.createdAt), null, "number"],
      ["Length", (call) => (call.endedAt ? durationText(call.endedAt - call.createdAt) : "–"), null, "number"],
    ],
  },
  batches: {
    empty: "No batches yet. Start one by posting a CSV file to /v1/api/batch-calls.",
    columns: [
      ["Batch", (batch) => batch.id, null, "mono"],
      ["Status", (batch) => batch.status, (batch) => stateBadge(batch.status)],
      ["Progress", batchMark, batchProgress],
      ["Agent", agentMark, nameOf],
      ["Scheduled", (batch) => timeText(batch.scheduledAt), null, "number"],
      ["Started", (batch) => timeText(batch.startedAt), null, "number"],
      ["Finished", (batch) => timeText(batch.finishedAt), null, "number"],
    ],
  },
  agents: {
    empty: "No agents yet. Create one with POST /api/v1/agents.",
    columns: [
      ["Agent", (agent) => [agent.name, agent.id],
        (agent) => [element("b", {}, agent.name ?? "–"), note(mono(agent.id))]],
      ["Model", (agent) => agent.llmModel ?? "–"],
      ["Voice", (agent) => [agent.voiceProvider, agent.voiceId],
        (agent) => [agent.voiceProvider ?? "–", note(agent.voiceId ?? "")]],
      ["Numbers", (agent) => agent.numbers.join(", ") || "–", null, "number"],
      ["In calls", (agent) => agent.activeCalls,
        (agent) => (agent.activeCalls ? badge(`${agent.activeCalls} active`, "busy") : "–")],
      ["Created", (agent) => timeText(agent.createdAt), null, "number"],
    ],
  },
  flows: {
    empty: "No flows yet. Create one with POST /api/v1/flows; name an agent in it.",
    columns: [
      ["Flow", (flow) => [flow.name, flow.id],
        (flow) => [element("b", {}, flow.name ?? "–"), note(mono(flow.id))]],
      ["State", (flow) => flow.isActive, (flow) => badge(flow.isActive ? "active" : "inactive", flow.isActive ? "good" : "quiet")],
      ["Direction", (flow) => flow.direction ?? "–"],
      ["Agent", agentMark, nameOf],
      ["Welcome", (flow) => flow.welcomeMessage ?? "–"],
      ["Prompt", (flow) => flow.prompt, (flow) => element("span", { class: "clip" }, flow.prompt ?? "–")],
      ["Updated", (flow) => timeText(flow.updatedAt), null, "number"],
    ],
  },
  numbers: {
    empty: "No phone numbers.",
    columns: [
      ["Number", (number) => number.number, null, "number"],
      ["State", (number) => number.agentId !== null,
        (number) => (number.agentId ? badge("assigned", "good") : badge("free", "quiet"))],
      ["Agent", agentMark, nameOf],
      ["Id", (number) => number.id, null, "mono"],
      ["Created", (number) => timeText(number.createdAt), null, "number"],
    ],
  },
};

function showHoldings() {
  const shown = workspace();
  for (const [name, panel] of Object.entries(holdings)) {
    panel.table ??= new Table(byId(`panel-${name}`), name, panel.columns, (item) => item.id);
    const items = shown?.[name] ?? [];
    const total = shown?.totals?.[name] ?? items.length;
    countOn(name, total);
    if (!items.length) panel.table.explain(shown ? panel.empty : "The sandbox has not answered yet.");
    else panel.table.show(items, total > items.length ? `The newest ${items.length} of ${total}` : `${total} in all`);
  }
}

function countOn(tab, count) {
  const text = count === null ? "" : String(count);
  const span = byId(`tab-${tab}`).querySelector("span");
  if (span.textContent !== text) span.textContent = text;
}

function showOverview(overview) {
  if (!overview) return;
  known.overview = overview;
  hearClock(overview.clock);
  const choice = byId("workspace");
  const identifiers = overview.workspaces.map((one) => one.id);
  if ([...choice.options].map((option) => option.value).join("\n") !== identifiers.join("\n")) {
    const chosen = choice.value;
    choice.replaceChildren(...identifiers.map((id) => element("option", { value: id }, id)));
    // The default workspace is the one most people use.
    choice.value = [chosen, "sandbox-workspace", identifiers[0]].find((id) => identifiers.includes(id));
    byId("workspace-choice").hidden = identifiers.length < 2;
  }
  showHoldings();
  if (known.deliveries) showDeliveries();
}
