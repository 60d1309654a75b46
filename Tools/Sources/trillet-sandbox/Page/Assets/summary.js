// How much of everything there is, on the tabs and for everybody to read.

import { hearClock } from "./clock.js";
import { byId, element, typedById } from "./elements.js";
import { ask, inWorkspace, known } from "./service.js";
import { countOn } from "./tabs.js";

export async function readSummary() {
  /** @type {Summary | null} */
  const summary = await ask("GET", inWorkspace("/sandbox/summary"));
  if (!summary) return;
  known.summary = summary;
  hearClock(summary.clock);
  for (const [name, count] of Object.entries(summary.totals)) countOn(name, count);
  countOn("calls", summary.calls.total);
  showWorkspaces(summary.workspaces);
}

/** @param {string[]} identifiers */
function showWorkspaces(identifiers) {
  const choice = typedById("workspace", HTMLSelectElement);
  if ([...choice.options].map((option) => option.value).join("\n") === identifiers.join("\n")) return;
  const chosen = choice.value;
  choice.replaceChildren(...identifiers.map((id) => element("option", { value: id }, id)));
  // The default workspace is the one most people use.
  const wanted = [chosen, "sandbox-workspace", identifiers[0] ?? ""];
  choice.value = wanted.find((id) => identifiers.includes(id)) ?? "";
  byId("workspace-choice").hidden = identifiers.length < 2;
}
