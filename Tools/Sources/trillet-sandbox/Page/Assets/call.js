// One call in the drawer.

import { addressOf } from "./address.js";
import { callBadge, stateBadge } from "./badges.js";
import { openDetail } from "./drawer.js";
import { durationText, element, facts, hourText, link, note, simulated } from "./elements.js";
import { ask } from "./service.js";

/** @param {string} identifier */
export function openCall(identifier) {
  openDetail(`calls/${identifier}`, async () => {
    /** @type {WholeCall | null} */
    const call = await ask("GET", `/sandbox/calls/${encodeURIComponent(identifier)}`);
    if (!call) return { title: "Call", content: [note(`There is no call ${identifier}.`)] };
    const [agent, deliveries] = await Promise.all([
      ask("GET", `/sandbox/agents/${encodeURIComponent(call.agentId)}`),
      ask("GET", `/sandbox/deliveries?limit=1&callId=${encodeURIComponent(call.id)}`),
    ]);
    const more = { agentName: agent?.document.name ?? null, deliveries: deliveries?.matching ?? 0 };
    return { title: `Call ${identifier}`, content: callContent(call, more), mark: [call, more] };
  });
}

/**
 * @param {WholeCall} call
 * @param {{ agentName: string | null, deliveries: number }} more
 * @returns {Detail["content"]}
 */
function callContent(call, more) {
  return [
    facts({
      State: call.outcome ? callBadge(call) : stateBadge(call.status),
      From: call.fromNumber,
      To: call.toNumber,
      Agent: more.agentName === null ? call.agentId : link(more.agentName, addressOf("agents", call.agentId)),
      Flow: call.flowId ? link(call.flowId, addressOf("flows", call.flowId)) : null,
      Batch: call.batchId ? link(call.batchId, addressOf("batches", call.batchId)) : null,
      Started: simulated(call.createdAt),
      Ended: simulated(call.endedAt),
      Duration: call.duration === null ? null : `${call.duration} s`,
      Recorded: call.recorded ? "yes" : "no",
      Callback: call.callbackUrl,
      Webhooks: more.deliveries
        ? link(`${more.deliveries} deliveries`, addressOf("deliveries", null, { search: call.id })) : null,
    }),
    timeline(call),
    transcript(call),
    values("Conversation", call.conversation),
    values("Variables", call.variables),
    values("Metadata", call.metadata),
  ];
}

/** @param {WholeCall} call */
function timeline(call) {
  const [first] = call.timeline;
  if (!first) return null;
  const start = first.at;
  return [
    element("h3", {}, "Timeline"),
    element("ol", { class: "timeline" }, call.timeline.map(({ state, at }) =>
      element("li", {}, element("b", {}, state),
        element("span", { class: "number" }, `${hourText(at)}  +${durationText(at - start)}`)))),
  ];
}

/** @param {WholeCall} call */
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

/** @param {string} title @param {unknown} object */
function values(title, object) {
  if (!object || typeof object !== "object" || !Object.keys(object).length) return null;
  return [element("h3", {}, title), facts(Object.fromEntries(
    Object.entries(object).map(([name, value]) =>
      [name, typeof value === "string" ? value : JSON.stringify(value)]),
  ))];
}
