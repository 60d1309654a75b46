// Faults on demand.

import { announce, badge, button, byId, countText, element, note, typedById } from "./elements.js";
import { filtersOf } from "./filters.js";
import { List } from "./list.js";
import { ask, attempt, known, refresh, Refusal } from "./service.js";
import { countOn } from "./tabs.js";

/**
 * Each fault with what it does, and parameters that make a good start.
 * @type {Record<string, [string, string]>}
 */
const faultKinds = {
  delay: ["The answer comes late", "ms=2000"],
  reset: ["The connection is reset instead of an answer", "when=after"],
  close: ["The connection is closed instead of an answer", "when=before"],
  partial: ["A part of the answer, then the end", "bytes=20"],
  slow: ["The answer trickles", "bytes=1; ms=20"],
  status: ["An error instead of the answer", "status=503; retryAfter=2"],
  html: ["An error page of a proxy", "status=502"],
  "invalid-json": ["JSON that breaks off", ""],
  "content-type": ["The answer is declared as something else", "contentType=text/plain"],
  huge: ["A very large answer", "bytes=1048576"],
  empty: ["An answer without a body", ""],
  duplicate: ["A webhook is sent more than once", "times=1"],
  lose: ["A webhook is never sent", ""],
  hold: ["A webhook is sent late", "ms=60000"],
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
  const remove = button("Remove", () => removeFault(rule.id));
  remove.setAttribute("aria-label", `Remove the fault ${rule.fault}`);
  return remove;
}

/** @type {Column<FaultRule>[]} */
const columns = [
  { title: "Fault", mark: (rule) => rule.fault, content: (rule) => badge(rule.fault, "bad"), phone: 1 },
  {
    title: "Operation",
    mark: (rule) => (rule.operation === "*" ? "every operation" : rule.operation),
    width: "minmax(0, 1.5fr)",
    phone: 3,
  },
  { title: "Parameters", mark: parametersText, kind: "mono", width: "minmax(0, 2fr)", phone: 5 },
  {
    title: "Applied",
    mark: (rule) => [rule.applied, rule.remaining, rule.skip, rule.probability],
    content: appliedContent,
    kind: "number",
    phone: 4,
  },
  { title: "Action", mark: (rule) => rule.id, content: removeButton, width: "7rem", phone: 2 },
];

/** @type {List<FaultRule> | null} */
let list = null;

/** @param {number} offset @param {number} limit @returns {Promise<Part<FaultRule> | null>} */
async function load(offset, limit) {
  /** @type {{ faults: FaultRule[] } | null} */
  const answer = await ask("GET", "/sandbox/faults");
  if (!answer) return null;
  const rules = [...answer.faults].reverse();
  return { entries: rules.slice(offset, offset + limit), total: rules.length };
}

/** How many rules there are, also while another panel is shown. */
export async function countFaults() {
  const part = await load(0, 0);
  known.faults = part?.total ?? 0;
  countOn("faults", part && part.total);
}

/**
 * Shows a fault to begin with.
 * @param {string} name
 */
function suggest(name) {
  const kind = faultKinds[name];
  const form = typedById("fault-add", HTMLFormElement);
  byId("fault-meaning").textContent = kind?.[0] ?? "";
  if (kind) field(form, "parameters").value = kind[1];
}

/** @type {Panel} */
export const faults = {
  async show() {
    const operation = field(typedById("fault-add", HTMLFormElement), "operation");
    const names = known.about?.operations ?? [];
    if (operation.children.length <= 1) {
      operation.append(...names.map((name) => element("option", { value: name }, name)));
    }
    const wanted = filtersOf("faults").get("operation");
    if (wanted && names.includes(wanted)) operation.value = wanted;
    const kind = filtersOf("faults").get("fault");
    if (kind) {
      field(typedById("fault-add", HTMLFormElement), "fault").value = kind;
      suggest(kind);
    }
    await list?.reload();
  },
  refresh: async () => list?.refresh(),
  enter: () => list?.focusRow(0),
};

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
  list = new List(byId("fault-list"), {
    name: "Faults",
    columns,
    key: (rule) => rule.id,
    load,
    empty: () => ["No faults: everything works as it should."],
    countText: ({ total }) => `${countText(total)} ${total === 1 ? "fault" : "faults"}`,
  });
  const form = typedById("fault-add", HTMLFormElement);
  const operation = field(form, "operation");
  const fault = field(form, "fault");
  operation.append(element("option", { value: "*" }, "every operation"));
  byId("fault-names").append(...Object.entries(faultKinds).map(([name, [meaning]]) =>
    element("option", { value: name }, meaning)));
  fault.addEventListener("change", () => suggest(fault.value.trim()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const rule = await ask("POST", "/sandbox/faults", {
        ...parametersOf(field(form, "parameters").value), operation: operation.value, fault: fault.value.trim(),
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
