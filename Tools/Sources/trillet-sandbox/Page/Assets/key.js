// Requests to the service itself, as a program makes them: with the workspace's key, in the journal.

import { byId, inputById, typedById } from "./elements.js";
import { answerOf, known, Refusal, workspaceId } from "./service.js";

/**
 * Keys that somebody has typed, by workspace; they are kept no longer than the page.
 * @type {Map<string, string>}
 */
const typed = new Map();

/**
 * Asks the service.
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {object | FormData} [body]
 */
export async function serve(method, path, body) {
  const key = await keyOfWorkspace();
  /** @type {Record<string, string>} */
  const headers = { "x-api-key": key, "x-workspace-id": workspaceId() };
  /** @type {RequestInit} */
  const options = { method, cache: "no-store", headers };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    return await answerOf(path, options);
  } catch (error) {
    if (error instanceof Refusal && [401, 403].includes(error.status)) typed.delete(workspaceId());
    throw error;
  }
}

/**
 * The path of an operation that has two, of those that this sandbox serves.
 * @param {string} overview
 * @param {string} published
 */
export const servedPath = (overview, published) =>
  (known.about?.routes === "published" ? published : overview);

/** The key that everybody knows, or the one that somebody types. */
async function keyOfWorkspace() {
  const key = known.about?.apiKey ?? typed.get(workspaceId());
  if (key) return key;
  const given = await askForKey();
  if (!given) throw new Refusal(0, "Without a key nothing was sent");
  typed.set(workspaceId(), given);
  return given;
}

/** @returns {Promise<string>} */
function askForKey() {
  const dialog = typedById("key-dialog", HTMLDialogElement);
  const field = inputById("key-field");
  byId("key-workspace").textContent = workspaceId();
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "use" ? field.value.trim() : "");
      field.value = "";
    }, { once: true });
  });
}

export function prepareKey() {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    typedById("key-dialog", HTMLDialogElement).close("use");
  });
  byId("key-cancel").addEventListener("click", () => typedById("key-dialog", HTMLDialogElement).close(""));
}
