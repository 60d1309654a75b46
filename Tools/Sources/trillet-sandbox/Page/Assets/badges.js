// Badges for states.

import { badge } from "./elements.js";

/** @type {Record<string, string>} */
const kinds = {
  queued: "wait", ringing: "busy", talking: "busy", ended: "quiet", processing: "busy",
  completed: "good", successful: "good", failed: "bad", cancelled: "quiet", waiting: "wait",
  active: "busy", delivered: "good", pending: "wait", lost: "bad",
};

/** @param {string} state */
export const stateBadge = (state) => badge(state, kinds[state]);

/**
 * How a call stands: its state, or for an ended one how it went.
 * @param {{ state?: string, status?: string, outcome: string | null, error: string | null }} call
 */
export function callBadge(call) {
  return call.outcome
    ? badge(call.error ?? call.outcome, kinds[call.outcome]) : stateBadge(call.state ?? call.status ?? "");
}

/** @param {number | null} status */
export function statusBadge(status) {
  if (!status) return badge("no answer", "bad");
  return badge(status, status < 300 ? "good" : status < 500 ? "wait" : "bad");
}
