// Deliveries of webhooks.

import { addressOf } from "./address.js";
import { stateBadge, statusBadge } from "./badges.js";
import { openDetail } from "./drawer.js";
import { announce, badge, button, byId, copyable, countText, element, facts, link, mono, note, readable, simulated, timeText } from "./elements.js";
import { askForPart, choiceFilter, clearFilters, isFiltered, textFilter } from "./filters.js";
import { List } from "./list.js";
import { ask, attempt, refresh } from "./service.js";

const tab = "deliveries";
const events = ["call.started", "call.ended", "call.completed", "call.failed", "message.sent"];

/** @type {Column<Delivery>[]} */
const columns = [
  {
    title: "Delivery",
    mark: (delivery) => [delivery.event, delivery.id],
    content: (delivery) => [link(delivery.event, addressOf(tab, delivery.id)), note(mono(delivery.id))],
    width: "minmax(13rem, 1.2fr)",
    phone: 1,
  },
  {
    title: "Status",
    mark: (delivery) => delivery.status,
    content: (delivery) => stateBadge(delivery.status),
    width: "7rem",
    phone: 2,
  },
  { title: "Call", mark: (delivery) => delivery.callId ?? "", content: callLink, kind: "mono", width: "9.5rem", phone: 3 },
  { title: "To", mark: (delivery) => delivery.url, content: (delivery) => mono(delivery.url), width: "minmax(0, 2fr)" },
  { title: "Attempts", mark: (delivery) => delivery.attempts.length, kind: "number", width: "6.5rem" },
  { title: "When", unit: "simulated", mark: (delivery) => timeText(delivery.at), kind: "number", width: "11rem", phone: 4 },
];

/** @type {List<Delivery> | null} */
let list = null;

/**
 * Newest first, as all lists are.
 * @param {number} offset
 * @param {number} limit
 * @returns {Promise<Part<Delivery> | null>}
 */
async function load(offset, limit) {
  const answer = await askForPart(tab, { offset, limit });
  if (!answer) return null;
  // What is on its way arrives soon, and no event tells when.
  if (answer.entries.some((/** @type {Delivery} */ one) => one.status === "pending"))
    setTimeout(() => refresh.shown?.request(), 1000);
  return { entries: answer.entries.reverse(), total: answer.matching };
}

export function prepareDeliveries() {
  const panel = byId("panel-deliveries");
  const options = (/** @type {string[]} */ names) => names.map((name) => /** @type {[string, string]} */ ([name, name]));
  panel.append(element("div", { class: "tools" },
    textFilter(tab, "search", "Search", { placeholder: "id, call or address" }),
    choiceFilter(tab, "status", "Status", [["", "Every status"],
      ...options(["pending", "delivered", "failed", "lost"])]).label,
    choiceFilter(tab, "event", "Event", [["", "Every event"], ...options(events)]).label, ...clearFilters(tab)));
  list = new List(panel, {
    name: "Deliveries",
    columns,
    key: (delivery) => delivery.id,
    load,
    empty: () => [isFiltered(tab) ? "No delivery matches the filters."
      : "Nothing delivered yet. A call with a callback URL, or a flow with webhooks, does."],
    countText: ({ total }) => `${countText(total)} ${total === 1 ? "delivery" : "deliveries"}`,
  });
}

/** @type {Panel} */
export const deliveries = {
  show: async () => list?.reload(),
  refresh: async () => list?.refresh(),
  enter: () => list?.focusRow(0),
  open: (identifier) => openDetail(`${tab}/${identifier}`, async () => {
    /** @type {Delivery | null} */
    const delivery = await ask("GET", `/sandbox/deliveries/${encodeURIComponent(identifier)}`);
    if (!delivery) return { title: "Delivery", content: [note("It is no longer there.")] };
    return { title: delivery.event, content: deliveryContent(delivery), mark: delivery };
  }),
};

/** @param {Delivery} delivery */
function callLink({ callId }) {
  return callId ? link(callId, addressOf("calls", callId)) : null;
}

/** @param {Delivery} delivery @returns {Detail["content"]} */
function deliveryContent(delivery) {
  return [
    element("p", { class: "actions" }, button("Send again", () => resend(delivery), "main")),
    facts({
      Status: stateBadge(delivery.status),
      Id: mono(delivery.id),
      To: delivery.url,
      Call: callLink(delivery),
      Fault: delivery.fault,
      When: simulated(delivery.at),
      "Next attempt": simulated(delivery.dueAt),
    }),
    attempts(delivery),
    copyable("Body", readable(delivery.body)),
    copyable("X-Trillet-Signature", delivery.signature),
  ];
}

/** @param {Delivery} delivery */
async function resend(delivery) {
  await attempt(async () => {
    await ask("POST", `/sandbox/deliveries/${encodeURIComponent(delivery.id)}/resend`, {});
    announce(`${delivery.event} is sent again`);
  });
  refresh.detail?.request();
  refresh.shown?.request();
}

/** @param {Delivery} delivery */
function attempts(delivery) {
  if (!delivery.attempts.length) return null;
  return [element("h3", {}, "Attempts"), element("ol", { class: "timeline" },
    delivery.attempts.map(({ at, milliseconds, status, error }) => element("li", {},
      status ? statusBadge(status) : badge("no answer", "bad"),
      element("span", { class: "number" }, `${timeText(at)} UTC, ${milliseconds} ms`),
      error ? note(error) : null)))];
}
