// The panels of what a workspace holds: agents, flows, numbers, batches and calls.

import { callBadge, stateBadge } from "./badges.js";
import { openCall } from "./calls.js";
import { hearClock } from "./clock.js";
import { showDeliveries } from "./deliveries.js";
import { badge, byId, durationText, element, link, mono, note, timeText, typedById } from "./elements.js";
import { known, workspace } from "./service.js";
import { Table } from "./table.js";
import { countOn } from "./tabs.js";

/** @typedef {{ agentId: string | null, agentName: string | null }} HasAgent */

/**
 * @template {HasAgent} Item
 * @returns {Column<Item>}
 */
const agentColumn = () => ({
  title: "Agent",
  mark: (item) => [item.agentId, item.agentName],
  content: (item) => [item.agentName ?? (item.agentId ? "deleted" : "–"),
    item.agentId ? note(mono(item.agentId)) : null],
});

/**
 * A column of a moment in simulated time.
 * @template Item
 * @param {string} title
 * @param {(item: Item) => number | null} moment
 * @returns {Column<Item>}
 */
const timeColumn = (title, moment) => ({ title, mark: (item) => timeText(moment(item)), kind: "number" });

/** @param {ListedBatch} batch */
function progressBar(batch) {
  const done = batch.completed + batch.failed + batch.cancelled;
  const bar = element("div", {
    class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": batch.total,
    "aria-valuenow": done, "aria-label": `${batch.id}: ${done} of ${batch.total} calls done`,
  });
  const segments = { good: batch.completed, bad: batch.failed, busy: batch.active };
  for (const [kind, count] of Object.entries(segments)) {
    const segment = element("i", { class: kind });
    segment.style.width = `${batch.total ? (100 * count) / batch.total : 0}%`;
    bar.append(segment);
  }
  return bar;
}

/** @param {ListedBatch} batch */
const batchMark = (batch) =>
  [batch.waiting, batch.active, batch.completed, batch.failed, batch.cancelled, batch.total];

/** @param {ListedBatch} batch */
function batchProgress(batch) {
  const { completed, failed, active, waiting, cancelled } = batch;
  const counts = Object.entries({ completed, failed, active, waiting, cancelled })
    .filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`);
  return [progressBar(batch), note(`${batch.total} calls: ${counts.join(", ")}`)];
}

/**
 * What a panel says when it is empty, and its columns.
 * @template {{ id: string }} Item
 */
class Panel {
  /**
   * @param {keyof WorkspaceHoldings} name
   * @param {string} empty
   * @param {Column<Item>[]} columns
   */
  constructor(name, empty, columns) {
    this.name = name;
    this.empty = empty;
    this.columns = columns;
    /** @type {Table<Item> | null} */
    this.table = null;
  }

  /** @param {Item[] | null} items @param {number} total */
  show(items, total) {
    this.table ??= new Table(byId(`panel-${this.name}`), this.name, this.columns, (item) => item.id);
    countOn(this.name, total);
    if (!items) this.table.explain("The sandbox has not answered yet.");
    else if (!items.length) this.table.explain(this.empty);
    else {
      this.table.show(items, total > items.length
        ? `The newest ${items.length} of ${total}` : `${total} in all`);
    }
  }
}

/** @type {Panel<ListedCall>} */
const calls = new Panel(
  "calls",
  "No calls yet. Send one with POST /api/v1/calls/call, or start a batch.",
  [
    {
      title: "Call",
      mark: (call) => call.id,
      content: (call) => link(call.id, () => openCall(call.id)),
      kind: "mono",
    },
    {
      title: "State",
      mark: (call) => [call.state, call.outcome, call.error],
      content: (call) => callBadge(call),
    },
    { title: "To", mark: (call) => call.toNumber, kind: "number" },
    agentColumn(),
    { title: "Batch", mark: (call) => call.batchId ?? "–", kind: "mono" },
    timeColumn("Started", (call) => call.createdAt),
    {
      title: "Length",
      mark: (call) => (call.endedAt ? durationText(call.endedAt - call.createdAt) : "–"),
      kind: "number",
    },
  ],
);

/** @type {Panel<ListedBatch>} */
const batches = new Panel(
  "batches",
  "No batches yet. Start one by posting a CSV file to /v1/api/batch-calls.",
  [
    { title: "Batch", mark: (batch) => batch.id, kind: "mono" },
    {
      title: "Status",
      mark: (batch) => batch.status,
      content: (batch) => stateBadge(batch.status),
    },
    { title: "Progress", mark: batchMark, content: batchProgress },
    agentColumn(),
    timeColumn("Scheduled", (batch) => batch.scheduledAt),
    timeColumn("Started", (batch) => batch.startedAt),
    timeColumn("Finished", (batch) => batch.finishedAt),
  ],
);

/** @type {Panel<ListedAgent>} */
const agents = new Panel("agents", "No agents yet. Create one with POST /api/v1/agents.", [
  {
    title: "Agent",
    mark: (agent) => [agent.name, agent.id],
    content: (agent) => [element("b", {}, agent.name ?? "–"), note(mono(agent.id))],
  },
  { title: "Model", mark: (agent) => agent.llmModel ?? "–" },
  {
    title: "Voice",
    mark: (agent) => [agent.voiceProvider, agent.voiceId],
    content: (agent) => [agent.voiceProvider ?? "–", note(agent.voiceId ?? "")],
  },
  { title: "Numbers", mark: (agent) => agent.numbers.join(", ") || "–", kind: "number" },
  {
    title: "In calls",
    mark: (agent) => agent.activeCalls,
    content: (agent) => (agent.activeCalls ? badge(`${agent.activeCalls} active`, "busy") : "–"),
  },
  timeColumn("Created", (agent) => agent.createdAt),
]);

/** @type {Panel<ListedFlow>} */
const flows = new Panel(
  "flows",
  "No flows yet. Create one with POST /api/v1/flows; name an agent in it.",
  [
    {
      title: "Flow",
      mark: (flow) => [flow.name, flow.id],
      content: (flow) => [element("b", {}, flow.name ?? "–"), note(mono(flow.id))],
    },
    {
      title: "State",
      mark: (flow) => flow.isActive,
      content: (flow) => (flow.isActive ? badge("active", "good") : badge("inactive", "quiet")),
    },
    { title: "Direction", mark: (flow) => flow.direction ?? "–" },
    agentColumn(),
    { title: "Welcome", mark: (flow) => flow.welcomeMessage ?? "–" },
    {
      title: "Prompt",
      mark: (flow) => flow.prompt,
      content: (flow) => element("span", { class: "clip" }, flow.prompt ?? "–"),
    },
    timeColumn("Updated", (flow) => flow.updatedAt),
  ],
);

/** @type {Panel<ListedNumber>} */
const numbers = new Panel("numbers", "No phone numbers.", [
  { title: "Number", mark: (number) => number.number, kind: "number" },
  {
    title: "State",
    mark: (number) => number.agentId !== null,
    content: (number) => (number.agentId ? badge("assigned", "good") : badge("free", "quiet")),
  },
  agentColumn(),
  { title: "Id", mark: (number) => number.id, kind: "mono" },
  timeColumn("Created", (number) => number.createdAt),
]);

export function showHoldings() {
  const shown = workspace();
  /** @param {keyof WorkspaceHoldings} name */
  const total = (name) => shown?.totals?.[name] ?? shown?.[name].length ?? 0;
  calls.show(shown && shown.calls, total("calls"));
  batches.show(shown && shown.batches, total("batches"));
  agents.show(shown && shown.agents, total("agents"));
  flows.show(shown && shown.flows, total("flows"));
  numbers.show(shown && shown.numbers, total("numbers"));
}

/** @param {Overview | null} overview */
export function showOverview(overview) {
  if (!overview) return;
  known.overview = overview;
  hearClock(overview.clock);
  const choice = typedById("workspace", HTMLSelectElement);
  const identifiers = overview.workspaces.map((one) => one.id);
  if ([...choice.options].map((option) => option.value).join("\n") !== identifiers.join("\n")) {
    const chosen = choice.value;
    choice.replaceChildren(...identifiers.map((id) => element("option", { value: id }, id)));
    // The default workspace is the one most people use.
    const wanted = [chosen, "sandbox-workspace", identifiers[0] ?? ""];
    choice.value = wanted.find((id) => identifiers.includes(id)) ?? "";
    byId("workspace-choice").hidden = identifiers.length < 2;
  }
  showHoldings();
  if (known.deliveries) showDeliveries();
}
