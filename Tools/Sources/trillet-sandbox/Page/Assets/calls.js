// The list of calls.

import { addressOf } from "./address.js";
import { callBadge } from "./badges.js";
import { openCallForm } from "./call-form.js";
import { openContactForm } from "./contact-form.js";
import { button, byId, countText, durationText, element, link, mono, note, timeText } from "./elements.js";
import {
  askForPart, choiceFilter, clearFilters, filtersOf, followFilters, isFiltered, momentFilter, showOptions, sortBy,
  textFilter,
} from "./filters.js";
import { List } from "./list.js";
import { preparePlot, showPlot } from "./plot.js";
import { ask, inWorkspace } from "./service.js";
import { firstSteps } from "./start.js";
import { showStates, stateFilter } from "./states.js";

const tab = "calls";

/**
 * @template {{ agentId: string | null, agentName: string | null }} Item
 * @returns {Column<Item>}
 */
export const agentColumn = () => ({
  title: "Agent",
  mark: (item) => [item.agentId, item.agentName],
  content: (item) => (item.agentId
    ? [item.agentName === null ? note("deleted") : link(item.agentName, addressOf("agents", item.agentId))] : "–"),
  width: "minmax(7rem, 1.2fr)",
  phone: 4,
});

/** @type {Column<ListedCall>[]} */
const columns = [
  {
    title: "Call",
    mark: (call) => call.id,
    content: (call) => link(call.id, addressOf(tab, call.id)),
    kind: "mono",
    width: "minmax(8.5rem, 1fr)",
    phone: 1,
  },
  {
    title: "State",
    mark: (call) => [call.state, call.outcome, call.error],
    content: (call) => callBadge(call),
    width: "minmax(11rem, 1fr)",
    phone: 2,
  },
  {
    title: "To",
    mark: (call) => (call.isWeb ? "browser" : call.toNumber),
    kind: "number",
    sort: "number",
    width: "minmax(8rem, 1fr)",
    phone: 3,
  },
  agentColumn(),
  {
    title: "Batch",
    mark: (call) => call.batchId,
    content: (call) => (call.batchId ? link(mono(call.batchId), addressOf("batches", call.batchId)) : "–"),
    width: "minmax(8rem, 1fr)",
  },
  {
    title: "Started",
    unit: "simulated",
    mark: (call) => timeText(call.createdAt),
    kind: "number",
    sort: "created",
    width: "11rem",
    phone: 5,
  },
  {
    title: "Length",
    mark: (call) => (call.endedAt ? durationText(call.endedAt - call.createdAt) : "–"),
    kind: "number",
    sort: "length",
    width: "6.5rem",
    phone: 6,
  },
];

/** @type {List<ListedCall> | null} */
let list = null;

function empty() {
  return isFiltered(tab) ? ["No call matches the filters."] : firstSteps();
}

export function prepareCalls() {
  const panel = byId("panel-calls");
  const agent = choiceFilter(tab, "agentId", "Agent", [["", "Every agent"]]);
  const batch = choiceFilter(tab, "batchId", "Batch", [["", "With and without"]]);
  const more = element("details", { class: "more" }, element("summary", {}, "More filters"),
    element("div", { class: "tools" }, agent.label, batch.label,
      textFilter(tab, "number", "Number", { inputmode: "tel", placeholder: "a part of it" }),
      momentFilter(tab, "since", "From (simulated, UTC)"), momentFilter(tab, "until", "Until (simulated, UTC)")));
  more.addEventListener("toggle", () => { if (more.open) showChoices(agent.field, batch.field); });
  followFilters(tab, () => {
    if (["agentId", "batchId", "number", "since", "until"].some((name) => filtersOf(tab).has(name))) more.open = true;
  });
  panel.append(
    element("div", { class: "tools" }, textFilter(tab, "search", "Search", { placeholder: "number, name, words, id" }),
      button("Send a call", () => openCallForm(), "main"), button("Upload a CSV", () => openContactForm())),
    stateFilter(), more, element("div", { class: "chips" }, ...clearFilters(tab, { error: "Reason", flowId: "Flow" })),
  );
  preparePlot(panel);
  list = new List(panel, {
    name: "Calls",
    columns,
    key: (call) => call.id,
    load: (offset, limit, upTo) => askForPart(tab, { offset, limit, upTo }),
    empty,
    isSteady: true,
    sortBy: (sort) => sortBy(tab, sort),
    countText: ({ total }) => `${countText(total)} ${total === 1 ? "call" : "calls"}${isFiltered(tab) ? " match" : ""}`,
  });
}

/**
 * Agents and batches to choose from: the newest ones.
 * @param {HTMLSelectElement} agent
 * @param {HTMLSelectElement} batch
 */
async function showChoices(agent, batch) {
  const [agents, batches] = await Promise.all([
    ask("GET", inWorkspace("/sandbox/agents", { limit: 200 })),
    ask("GET", inWorkspace("/sandbox/batches", { limit: 200 })),
  ]);
  showOptions(agent, [["", "Every agent"], ...agents.entries.map(/** @param {ListedAgent} one */
    (one) => [one.id, one.name ?? one.id])]);
  showOptions(batch, [["", "With and without"], ...batches.entries.map(/** @param {ListedBatch} one */
    (one) => [one.id, `${one.id}, ${one.total} calls`])]);
}

/** @type {Panel} */
export const calls = {
  async show() {
    const filters = filtersOf(tab);
    list?.showOrder(filters.get("sort") ?? "created", filters.get("direction") === "ascending");
    showStates();
    showPlot();
    await list?.reload();
  },
  refresh: async () => list?.refresh(),
  enter: () => list?.focusRow(0),
};
