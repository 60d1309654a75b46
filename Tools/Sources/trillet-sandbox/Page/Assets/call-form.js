// Sending a call.

import { addressOf, go } from "./address.js";
import { announce, byId, element, inputById, typedById } from "./elements.js";
import { serve, servedPath } from "./key.js";
import { ask, attempt, inWorkspace, known, Refusal } from "./service.js";

/**
 * Numbers whose calls go as they say; docs/sandbox.md has the same table.
 * @type {[string, string][]}
 */
const numbers = [
  ["+12025550164", "goes as the seed decides"], ["+15005550000", "answered"], ["+15005550001", "busy"],
  ["+15005550002", "no answer"], ["+15005550003", "voicemail"], ["+15005550004", "not in service"],
  ["+15005550005", "answered after a long ringing"], ["+15005550006", "declined"],
  ["+15005550007", "busy first, then answered"], ["+15005550008", "refused: invalid number"],
  ["+15005550009", "refused: no credits"], ["+15005550812", "dropped after 12 seconds"],
];

/** @param {string} [agentId] */
export async function openCallForm(agentId) {
  await attempt(async () => {
    const isThere = await chooseAgents("call-agent", agentId);
    byId("call-none").hidden = isThere;
    byId("call-fields").hidden = !isThere;
    byId("call-error").textContent = "";
    typedById("call-dialog", HTMLDialogElement).showModal();
    byId(isThere ? "call-number" : "call-example").focus();
  });
}

/**
 * Lists the agents to choose from.
 * @param {string} field
 * @param {string} [chosen]
 */
export async function chooseAgents(field, chosen) {
  /** @type {Part<ListedAgent>} */
  const { entries } = await ask("GET", inWorkspace("/sandbox/agents", { limit: 500 }));
  const select = typedById(field, HTMLSelectElement);
  const wanted = chosen ?? select.value;
  const options = entries.map((agent) => element("option", { value: agent.id }, agent.name || agent.id));
  if (chosen && !entries.some((agent) => agent.id === chosen))
    options.unshift(element("option", { value: chosen }, chosen));
  select.replaceChildren(...options);
  if (wanted && options.some((option) => option.value === wanted)) select.value = wanted;
  return options.length > 0;
}

/** An agent with a flow, so that something can be called. */
export async function createExample() {
  const agent = await serve("POST", servedPath("/api/v1/agents", "/v1/api/agents"), {
    name: "Front Desk", llmModel: "gpt-4o-mini", ttsModel: { provider: "rime", voiceId: "mistv2_Brook" },
  });
  await serve("POST", servedPath("/api/v1/flows", "/v1/api/call-flows"), {
    name: "Reminder", direction: "outbound", promptType: "simple", agent: agent._id,
    prompt: "Remind {first_name} of the appointment on Thursday at 10:30.",
  });
  announce("The agent Front Desk and its flow are there");
  return String(agent._id);
}

/**
 * `name=value`, one on a line.
 * @param {string} text
 */
function variablesOf(text) {
  /** @type {Record<string, string>} */
  const variables = {};
  for (const line of text.split("\n").map((one) => one.trim()).filter(Boolean)) {
    const at = line.indexOf("=");
    if (at < 1) throw new Refusal(0, `"${line}" is not name=value`);
    variables[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return variables;
}

async function send() {
  const agentId = typedById("call-agent", HTMLSelectElement).value;
  const toNumber = inputById("call-number").value.trim();
  const variables = variablesOf(typedById("call-variables", HTMLTextAreaElement).value);
  const callbackUrl = inputById("call-callback").value.trim();
  const isPublished = known.about?.routes === "published";
  const answer = isPublished
    ? await serve("POST", "/v1/api/call", { call_agent_id: agentId, to: toNumber, dynamic_variables: variables,
      ...(callbackUrl ? { callback_url: callbackUrl } : {}) })
    : await serve("POST", "/api/v1/calls/call", { agentId, toNumber, dynamicVariables: variables,
      ...(callbackUrl ? { callbackUrl } : {}) });
  const identifier = String(answer.callId ?? answer.call_id);
  typedById("call-dialog", HTMLDialogElement).close();
  announce(`The call to ${toNumber} is sent`);
  go(addressOf("calls", identifier));
}

/**
 * Shows in the form itself what went wrong.
 * @param {string} place
 * @param {() => Promise<void>} action
 */
export async function tryInForm(place, action) {
  byId(place).textContent = "";
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    byId(place).textContent = error.message;
  }
}

/**
 * Does what a form is for, once however often it is pressed meanwhile.
 * @param {string} form
 * @param {string} place
 * @param {() => Promise<void>} action
 */
export function whenSubmitted(form, place, action) {
  let isBusy = false;
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    try {
      await tryInForm(place, action);
    } finally {
      isBusy = false;
    }
  });
}

export function prepareCallForm() {
  byId("call-numbers").append(...numbers.map(([number, text]) => element("option", { value: number }, text)));
  whenSubmitted("call-form", "call-error", send);
  byId("call-example").addEventListener("click", () => tryInForm("call-error", async () => {
    const agent = await createExample();
    await chooseAgents("call-agent", agent);
    byId("call-none").hidden = true;
    byId("call-fields").hidden = false;
    byId("call-number").focus();
  }));
  byId("call-cancel").addEventListener("click", () => typedById("call-dialog", HTMLDialogElement).close());
}
