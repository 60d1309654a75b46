// Faults on demand.

import { announce, badge, byId, element, note, typedById } from "./elements.js";
import { ask, attempt, known, refresh, Refusal } from "./service.js";
import { Table } from "./table.js";
import { countOn } from "./tabs.js";

const operationNames = [
  "agents.create", "agents.list", "agents.get", "agents.update", "agents.delete",
  "flows.create", "flows.list", "flows.get", "flows.update", "flows.delete", "calls.send",
  "batch_calls.template", "batch_calls.validate", "batch_calls.preview", "batch_calls.start",
  "batch_calls.get", "batch_calls.progress", "batch_calls.list_calls", "batch_calls.get_call",
  "batch_calls.cancel",
];

/**
 * Each fault with parameters that make a good start.
 * @type {Record<string, string>}
 */
const faultExamples = {
  delay: "ms=2000", reset: "when=after", close: "when=before", partial: "bytes=20",
  slow: "bytes=1; ms=20", status: "status=503; retryAfter=2", html: "status=502",
  "invalid-json": "", "content-type": "contentType=text/plain", huge: "bytes=1048576", empty: "",
};

const faultOwn = ["id", "operation", "fault", "count", "skip", "probability", "remaining", "applied"];

/** @param {FaultRule} rule */
function parametersText(rule) {
  const own = Object.entries(rule).filter(([name]) => !faultOwn.includes(name));
  return own.map(([name, value]) => `${name}=${value}`).join("; ") || "–";
}

/** @param {FaultRule} rule */
function appliedContent(rule) {
  const counts = rule.remaining === null
    ? `${rule.applied}` : `${rule.applied} of ${rule.applied + rule.remaining}`;
  const limits = [
    rule.skip ? `skips ${rule.skip}` : "",
    rule.probability < 1 ? `probability ${rule.probability}` : "",
  ];
  return [counts, note(limits.filter(Boolean).join(", "))];
}

/** @param {FaultRule} rule */
function removeButton(rule) {
  const remove = element("button", { type: "button", onclick: () => removeFault(rule.id) }, "Remove");
  remove.setAttribute("aria-label", `Remove the fault ${rule.fault}`);
  return remove;
}

/** @type {Column<FaultRule>[]} */
const columns = [
  { title: "Fault", mark: (rule) => rule.fault, content: (rule) => badge(rule.fault, "bad") },
  {
    title: "Operation",
    mark: (rule) => (rule.operation === "*" ? "every operation" : rule.operation),
  },
  { title: "Parameters", mark: parametersText, kind: "mono" },
  {
    title: "Applied",
    mark: (rule) => [rule.applied, rule.remaining, rule.skip, rule.probability],
    content: appliedContent,
    kind: "number",
  },
  { title: "", mark: (rule) => rule.id, content: removeButton },
];

/** @type {Table<FaultRule> | null} */
let table = null;

/** @param {{ faults: FaultRule[] } | null} answer */
export function showFaults(answer) {
  table ??= new Table(byId("fault-list"), "faults", columns, (rule) => rule.id);
  const rules = answer?.faults ?? null;
  known.faults = rules;
  countOn("faults", rules ? rules.length : null);
  byId("fault-add").hidden = !rules;
  if (!rules) table.explain("This sandbox makes no faults.");
  else if (!rules.length) table.explain("No faults: everything works as it should.");
  else table.show([...rules].reverse(), `${rules.length} in all`);
}

/** @param {number} identifier */
async function removeFault(identifier) {
  await attempt(async () => {
    await ask("DELETE", `/sandbox/faults/${identifier}`);
    announce("The fault is removed");
  });
  refresh.faults?.request();
}

/**
 * `name=value; name=value` as an object; whole numbers become numbers.
 * @param {string} text
 */
function parametersOf(text) {
  /** @type {Record<string, string | number>} */
  const parameters = {};
  for (const part of text.split(";").map((piece) => piece.trim()).filter(Boolean)) {
    const at = part.indexOf("=");
    if (at < 1) throw new Refusal(0, `"${part}" is not name=value`);
    const value = part.slice(at + 1).trim();
    parameters[part.slice(0, at).trim()] = /^\d+$/.test(value) ? Number(value) : value;
  }
  return parameters;
}

/**
 * A field of the form that adds a fault.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function field(form, name) {
  const found = form.elements.namedItem(name);
  if (found instanceof HTMLInputElement || found instanceof HTMLSelectElement) return found;
  throw new Error(`The form has no field "${name}"`);
}

export function prepareFaults() {
  const form = typedById("fault-add", HTMLFormElement);
  const operation = field(form, "operation");
  const fault = field(form, "fault");
  const parameters = field(form, "parameters");
  operation.append(element("option", { value: "*" }, "every operation"),
    ...operationNames.map((name) => element("option", { value: name }, name)));
  byId("fault-names").append(...Object.keys(faultExamples).map((name) => element("option", { value: name })));
  fault.addEventListener("change", () => {
    if (fault.value in faultExamples) parameters.value = faultExamples[fault.value] ?? "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const rule = await ask("POST", "/sandbox/faults", {
        ...parametersOf(parameters.value), operation: operation.value, fault: fault.value.trim(),
        count: Number(field(form, "count").value), skip: Number(field(form, "skip").value),
        probability: Number(field(form, "probability").value),
      });
      announce(`The fault ${rule.fault} is set`);
      refresh.faults?.request();
    });
  });
  byId("fault-clear").addEventListener("click", () => attempt(async () => {
    await ask("DELETE", "/sandbox/faults");
    announce("All faults are cleared");
    refresh.faults?.request();
  }));
}
