// The sandbox's routes, and what was last heard from them.

import { announce, typedById } from "./elements.js";

/**
 * What is true of the whole page.
 * @type {{ summary: Summary | null, about: About | null, faults: number }}
 */
export const known = { summary: null, about: null, faults: 0 };

/** An answer that is not a success. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks a control route. Returns null where there is nothing.
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
  return answerOf(path, options);
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<any>}
 */
export async function answerOf(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refusal(0, "The sandbox does not answer");
  }
  if (answer.status === 404 && options.method === "GET") return null;
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    throw new Refusal(answer.status, `${path} did not answer with JSON`);
  }
  if (!answer.ok) throw new Refusal(answer.status, reasonOf(value) ?? answer.statusText);
  return value;
}

/**
 * What an error says, in each of the service's shapes.
 * @param {any} value
 */
function reasonOf(value) {
  const reason = value?.error?.message ?? value?.details ?? value?.message ?? value?.error;
  return reason === undefined || reason === null ? null : String(reason);
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
    announce(error.message);
  }
}

/** The id of the chosen workspace. */
export const workspaceId = () => typedById("workspace", HTMLSelectElement).value || "sandbox-workspace";

/**
 * A path with the chosen workspace and other parameters; empty ones are left out.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [parameters]
 */
export function inWorkspace(path, parameters) {
  const query = new URLSearchParams({ workspaceId: workspaceId() });
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  return `${path}?${query}`;
}

/**
 * A job that runs soon after it was asked for, once however often that was, never twice at the same
 * time, and never while nobody sees the page. What takes long is done less often.
 */
export class Refresh {
  /** @param {() => Promise<unknown>} work @param {number} pause in milliseconds, the shortest one */
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
      await visible();
      this.isWanted = false;
      const begin = performance.now();
      try {
        await this.work();
      } catch (error) {
        if (!(error instanceof Refusal)) console.error(error);
      }
      const pause = Math.max(this.pause, 10 * (performance.now() - begin));
      await new Promise((resolve) => setTimeout(resolve, Math.min(pause, 10_000)));
    }
    this.isBusy = false;
  }
}

async function visible() {
  while (document.hidden) {
    await new Promise((resolve) =>
      document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

/**
 * The jobs that read what the page shows; page.js knows what they do.
 * @type {Partial<Record<"summary" | "shown" | "detail" | "plot" | "faults", Refresh>>}
 */
export const refresh = {};
