// What an empty sandbox says: how to reach it, and what to do first.

import { createExample, openCallForm } from "./call-form.js";
import { button, copyable, element, facts, mono } from "./elements.js";
import { attempt, known, refresh, workspaceId } from "./service.js";

/**
 * A command with the key, where everybody knows it.
 * @param {string} method
 * @param {string} path
 * @param {object} body
 */
function command(method, path, body) {
  const { about } = known;
  return [`curl -X ${method} ${about?.baseUrl ?? ""}${path}`,
    `  -H 'x-api-key: ${about?.apiKey ?? "'\"$TRILLET_API_KEY\"'"}'`, `  -H 'x-workspace-id: ${workspaceId()}'`,
    "  -H 'Content-Type: application/json'", `  -d '${JSON.stringify(body)}'`].join(" \\\n");
}

/** @returns {Shown[]} */
export function firstSteps() {
  const { about, summary } = known;
  const hasAgents = (summary?.totals.agents ?? 0) > 0;
  const first = hasAgents
    ? command("POST", "/api/v1/calls/call", { agentId: "AGENT", toNumber: "+12025550164" })
    : command("POST", "/api/v1/agents", { name: "Front Desk", llmModel: "gpt-4o-mini",
      ttsModel: { provider: "rime", voiceId: "mistv2_Brook" } });
  return [element("div", { class: "start" },
    element("h2", {}, "No calls yet"),
    element("p", {}, hasAgents ? "Send one with POST /api/v1/calls/call, or with the button."
      : "Create an agent and a flow, then send a call with POST /api/v1/calls/call. No phone rings."),
    element("p", { class: "actions" }, hasAgents ? button("Send a call", () => openCallForm(), "main")
      : button("Create an example agent", () => attempt(async () => {
        const agent = await createExample();
        refresh.summary?.request();
        refresh.shown?.request();
        await openCallForm(agent);
      }), "main")),
    facts({
      "Base URL": mono(about?.baseUrl),
      "API key": about?.apiKey ? mono(about.apiKey) : "the one that you have given this workspace",
      Workspace: mono(workspaceId()),
    }),
    ...copyable("First command", first).flatMap((piece) => (piece === null ? [] : [piece])))];
}
