// One call in the drawer.

import { callBadge, stateBadge } from "./badges.js";
import { openDetail } from "./drawer.js";
import { durationText, element, facts, hourText, note } from "./elements.js";
import { ask, known } from "./service.js";

/** @param {string} identifier */
export function openCall(identifier) {
  openDetail(`calls/${identifier}`, async () => {
    const listed = (known.overview?.workspaces ?? []).flatMap((one) => one.calls)
      .find((call) => call.id === identifier);
    const whole = await ask("GET", `/sandbox/calls/${encodeURIComponent(identifier)}`);
    /** @type {WholeCall} */
    const call = { ...listed, ...whole };
    if (!listed && !whole) return { title: "Call", content: [note(`There is no call ${identifier}.`)] };
    return { title: `Call ${identifier}`, content: callContent(call), mark: call };
  });
}

/** @param {WholeCall} call @returns {Detail["content"]} */
function callContent(call) {
  const state = call.state ?? call.status ?? "";
  return [
    facts({
      State: call.outcome ? callBadge(call) : stateBadge(state),
      From: call.fromNumber,
      To: call.toNumber,
      Agent: call.agentName ?? call.agentId,
      Flow: call.flowId,
      Batch: call.batchId,
      Duration: call.duration === null || call.duration === undefined ? null : `${call.duration} s`,
      Recorded: call.recorded === undefined ? null : call.recorded ? "yes" : "no",
      Callback: call.callbackUrl,
    }),
    timeline(call),
    transcript(call),
    values("Variables", call.variables),
    values("Metadata", call.metadata),
  ];
}

/** @param {WholeCall} call */
function timeline(call) {
  const [first] = call.timeline ?? [];
  if (!call.timeline || !first) return null;
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
