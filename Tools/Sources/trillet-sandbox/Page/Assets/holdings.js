// Agents, flows and phone numbers.

import { addressOf } from "./address.js";
import { agentColumn } from "./calls.js";
import { openCallForm } from "./call-form.js";
import { openDetail } from "./drawer.js";
import { badge, button, byId, copyable, countText, element, facts, link, mono, note, timeText } from "./elements.js";
import { askForPart, clearFilters, isFiltered, textFilter } from "./filters.js";
import { List } from "./list.js";
import { ask } from "./service.js";

/**
 * A column of a moment in simulated time.
 * @template Item
 * @param {string} title
 * @param {(item: Item) => number | null} moment
 * @returns {Column<Item>}
 */
const timeColumn = (title, moment) =>
  ({ title, unit: "simulated", mark: (item) => timeText(moment(item)), kind: "number", width: "11rem", phone: 6 });

/** @type {Column<ListedAgent>[]} */
const agentColumns = [
  {
    title: "Agent",
    mark: (agent) => [agent.name, agent.id],
    content: (agent) => [link(agent.name || agent.id, addressOf("agents", agent.id)), note(mono(agent.id))],
    width: "minmax(14rem, 1.5fr)",
    phone: 1,
  },
  { title: "Model", mark: (agent) => agent.llmModel ?? "–", phone: 3 },
  {
    title: "Voice",
    mark: (agent) => [agent.voiceProvider, agent.voiceId],
    content: (agent) => [agent.voiceProvider ?? "–", note(agent.voiceId ?? "")],
  },
  { title: "Numbers", mark: (agent) => agent.numbers.join(", ") || "–", kind: "number", phone: 4 },
  {
    title: "In calls",
    mark: (agent) => agent.activeCalls,
    content: (agent) => (agent.activeCalls ? badge(`${agent.activeCalls} active`, "busy") : "–"),
    width: "8rem",
    phone: 2,
  },
  timeColumn("Created", (agent) => agent.createdAt),
];

/** @type {Column<ListedFlow>[]} */
const flowColumns = [
  {
    title: "Flow",
    mark: (flow) => [flow.name, flow.id],
    content: (flow) => [link(flow.name || flow.id, addressOf("flows", flow.id)), note(mono(flow.id))],
    width: "minmax(14rem, 1.5fr)",
    phone: 1,
  },
  {
    title: "State",
    mark: (flow) => flow.isActive,
    content: (flow) => (flow.isActive ? badge("active", "good") : badge("inactive", "quiet")),
    width: "7rem",
    phone: 2,
  },
  { title: "Direction", mark: (flow) => flow.direction ?? "–", width: "7rem", phone: 3 },
  agentColumn(),
  { title: "Prompt", mark: (flow) => flow.prompt ?? "–", width: "minmax(0, 2fr)" },
  timeColumn("Updated", (flow) => flow.updatedAt),
];

/** @type {Column<ListedNumber>[]} */
const numberColumns = [
  {
    title: "Number",
    mark: (number) => number.number,
    content: (number) => link(number.number, addressOf("calls", null, { search: number.number })),
    kind: "number",
    phone: 1,
  },
  {
    title: "State",
    mark: (number) => number.agentId !== null,
    content: (number) => (number.agentId ? badge("assigned", "good") : badge("free", "quiet")),
    phone: 2,
  },
  agentColumn(),
  { title: "Agent's id", mark: (number) => number.agentId ?? "–", kind: "mono", width: "minmax(14rem, 1.5fr)" },
  timeColumn("Created", (number) => number.createdAt),
];

/**
 * A panel with a list that can be searched.
 * @template {{ id: string }} Item
 * @param {"agents" | "flows" | "numbers"} tab
 * @param {string} singular
 * @param {string} empty
 * @param {Column<Item>[]} columns
 * @param {((identifier: string) => Promise<Detail>)} [detail]
 * @returns {Panel & { prepare(): void }}
 */
function holdingPanel(tab, singular, empty, columns, detail) {
  /** @type {List<Item> | null} */
  let list = null;
  return {
    prepare() {
      const panel = byId(`panel-${tab}`);
      panel.append(element("div", { class: "tools" },
        textFilter(tab, "search", "Search", { placeholder: tab === "numbers" ? "a part of the number" : "name, id, words" }),
        ...clearFilters(tab, { agentId: "Agent" })));
      list = new List(panel, {
        name: (tab[0] ?? "").toUpperCase() + tab.slice(1),
        columns,
        key: (item) => item.id,
        load: (offset, limit) => askForPart(tab, { offset, limit }),
        empty: () => [isFiltered(tab) ? `No ${singular} matches the filters.` : empty],
        countText: ({ total }) => `${countText(total)} ${total === 1 ? singular : tab}`,
      });
    },
    show: async () => list?.reload(),
    refresh: async () => list?.refresh(),
    enter: () => list?.focusRow(0),
    open: detail && ((identifier) => openDetail(`${tab}/${identifier}`, () => detail(identifier))),
  };
}

/** @type {ReturnType<typeof holdingPanel<ListedAgent>>} */
export const agents = holdingPanel("agents", "agent", "No agents yet. Create one with POST /api/v1/agents.",
  agentColumns, agentDetail);
/** @type {ReturnType<typeof holdingPanel<ListedFlow>>} */
export const flows = holdingPanel("flows", "flow",
  "No flows yet. Create one with POST /api/v1/flows; name an agent in it.", flowColumns, flowDetail);
/** @type {ReturnType<typeof holdingPanel<ListedNumber>>} */
export const numbers = holdingPanel("numbers", "number", "No phone numbers.", numberColumns);

/** @param {string} identifier @returns {Promise<Detail>} */
async function agentDetail(identifier) {
  /** @type {WholeAgent | null} */
  const agent = await ask("GET", `/sandbox/agents/${encodeURIComponent(identifier)}`);
  if (!agent) return { title: "Agent", content: [note(`There is no agent ${identifier}.`)] };
  const { document } = agent;
  const voice = /** @type {{ provider?: string, voiceId?: string } | undefined} */ (document.ttsModel);
  return {
    title: String(document.name ?? "Agent"),
    mark: agent,
    content: [
      element("p", { class: "actions" },
        button("Send a call", () => openCallForm(agent.id), "main"),
        element("a", { class: "button", href: addressOf("calls", null, { agentId: agent.id }) },
          `Show its ${countText(agent.calls)} calls`)),
      facts({
        Id: mono(agent.id),
        Model: String(document.llmModel ?? "–"),
        Voice: [voice?.provider, voice?.voiceId].filter(Boolean).join(", "),
        Numbers: agent.numbers.join(", "),
      }),
      agent.flows.length ? [element("h3", {}, "Flows"), element("ul", { class: "rows" }, agent.flows.map((flow) =>
        element("li", {}, link(flow.name || flow.id, addressOf("flows", flow.id)))))] : note("No flow names this agent."),
      copyable("Everything that is set", JSON.stringify(document, null, 2)),
    ].flat(),
  };
}

/** @param {string} identifier @returns {Promise<Detail>} */
async function flowDetail(identifier) {
  /** @type {WholeFlow | null} */
  const flow = await ask("GET", `/sandbox/flows/${encodeURIComponent(identifier)}`);
  if (!flow) return { title: "Flow", content: [note(`There is no flow ${identifier}.`)] };
  const { document } = flow;
  return {
    title: String(document.name ?? "Flow"),
    mark: flow,
    content: [
      element("p", { class: "actions" },
        element("a", { class: "button", href: addressOf("calls", null, { flowId: flow.id }) }, "Show its calls")),
      facts({
        Id: mono(flow.id),
        State: document.isActive ? badge("active", "good") : badge("inactive", "quiet"),
        Direction: String(document.direction ?? "–"),
        Agent: flow.agentId ? link(flow.agentName ?? flow.agentId, addressOf("agents", flow.agentId)) : "none",
      }),
      document.prompt ? copyable("Prompt", String(document.prompt)) : null,
      copyable("Everything that is set", JSON.stringify(document, null, 2)),
    ].flat(),
  };
}
