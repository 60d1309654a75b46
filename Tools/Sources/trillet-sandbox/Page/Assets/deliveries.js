// Deliveries of webhooks.

import { stateBadge, statusBadge } from "./badges.js";
import { openCall } from "./calls.js";
import { openDetail } from "./drawer.js";
import { badge, byId, copyable, element, facts, link, mono, note, readable, timeText } from "./elements.js";
import { ask, known, refresh, workspace } from "./service.js";
import { Table } from "./table.js";
import { countOn } from "./tabs.js";

const most = 200;

/** @type {Table<Delivery> | null} */
let table = null;

/** @type {Column<Delivery>[]} */
const columns = [
  {
    title: "Delivery",
    mark: (delivery) => [delivery.event, delivery.id],
    content: (delivery) =>
      [link(delivery.event, () => openDelivery(delivery.id)), note(mono(delivery.id))],
  },
  {
    title: "Status",
    mark: (delivery) => delivery.status,
    content: (delivery) => stateBadge(delivery.status),
  },
  {
    title: "Call",
    mark: (delivery) => delivery.callId ?? "",
    content: callLink,
    kind: "mono",
  },
  { title: "To", mark: (delivery) => delivery.url, content: (delivery) => mono(delivery.url) },
  { title: "Attempts", mark: (delivery) => delivery.attempts.length, kind: "number" },
  { title: "When", mark: (delivery) => timeText(delivery.at), kind: "number" },
];

export async function refreshDeliveries() {
  const answer = await ask("GET", `/sandbox/deliveries?limit=${most}`);
  known.deliveries = answer ? answer.entries : null;
  showDeliveries();
  // What is on its way arrives soon, and no event tells when.
  if (known.deliveries?.some((delivery) => delivery.status === "pending"))
    setTimeout(() => refresh.deliveries?.request(), 1000);
}

export function showDeliveries() {
  table ??= new Table(byId("panel-deliveries"), "deliveries", columns, (delivery) => delivery.id);
  const mine = known.deliveries?.filter((delivery) => delivery.workspaceId === workspace()?.id);
  countOn("deliveries", mine ? mine.length : null);
  if (!mine) return table.explain("This sandbox does not deliver webhooks.");
  if (!mine.length) {
    return table.explain("Nothing delivered yet. A call with a callback URL, or a flow with webhooks, does.");
  }
  return table.show([...mine].reverse(), `The newest ${mine.length}`);
}

/** @param {string} identifier */
export function openDelivery(identifier) {
  openDetail(`deliveries/${identifier}`, async () => {
    const delivery = known.deliveries?.find((one) => one.id === identifier);
    if (!delivery) return { title: "Delivery", content: [note("It is no longer there.")] };
    return { title: delivery.event, content: deliveryContent(delivery), mark: delivery };
  });
}

/** @param {Delivery} delivery */
function callLink({ callId }) {
  return callId ? link(callId, () => openCall(callId)) : null;
}

/** @param {Delivery} delivery @returns {Detail["content"]} */
function deliveryContent(delivery) {
  return [
    facts({
      Status: stateBadge(delivery.status),
      Id: mono(delivery.id),
      To: delivery.url,
      Call: callLink(delivery),
      Fault: delivery.fault,
      When: `${timeText(delivery.at)} UTC`,
      "Next attempt": delivery.dueAt ? `${timeText(delivery.dueAt)} UTC` : null,
    }),
    attempts(delivery),
    copyable("Body", readable(delivery.body)),
    copyable("X-Trillet-Signature", delivery.signature),
  ];
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
