// The sandbox's control routes, and what was last heard from them.

import { announce, typedById } from "./elements.js";

/**
 * What the page shows.
 * @type {{
 *   overview: Overview | null,
 *   requests: JournalEntry[],
 *   deliveries: Delivery[] | null,
 *   faults: FaultRule[] | null,
 * }}
 */
export const known = { overview: null, requests: [], deliveries: null, faults: null };

/** An answer that is not a success. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks a control route. Returns null where this sandbox has no such route.
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body) {
  /** @type {RequestInit} */
  const options = { method, cache: "no-store" };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refusal(0, "The sandbox does not answer");
  }
  if (answer.status === 404 && method === "GET") return null;
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    throw new Refusal(answer.status, `${path} did not answer with JSON`);
  }
  if (!answer.ok) {
    const message = value?.error?.message ?? value?.details ?? value?.error ?? answer.statusText;
    throw new Refusal(answer.status, String(message));
  }
  return value;
}

/**
 * Does what a button is for, and says so when it fails.
 * @param {() => Promise<void>} action
 */
export async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    announce(error.status === 404 ? "This sandbox does not offer that" : error.message);
  }
}

/** The chosen workspace's part of the overview. */
export function workspace() {
  const all = known.overview?.workspaces ?? [];
  return all.find((one) => one.id === typedById("workspace", HTMLSelectElement).value) ?? all[0] ?? null;
}

/**
 * A job that runs soon after it was asked for, once however often that was, and never twice at the
 * same time.
 */
export class Refresh {
  /** @param {() => Promise<unknown>} work @param {number} pause */
  constructor(work, pause) {
    this.work = work;
    this.pause = pause;
    this.isWanted = false;
    this.isBusy = false;
  }

  async request() {
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWanted) {
      this.isWanted = false;
      try {
        await this.work();
      } catch (error) {
        if (!(error instanceof Refusal)) console.error(error);
      }
      await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
    this.isBusy = false;
  }
}

/**
 * The jobs that read what the panels show; page.js knows what they do.
 * @type {Partial<Record<"overview" | "requests" | "deliveries" | "faults", Refresh>>}
 */
export const refresh = {};
