// Faults on demand.

const operationNames = [
  "agents.create", "agents.list", "agents.get", "agents.update", "agents.delete",
  "flows.create", "flows.list", "flows.get", "flows.update", "flows.delete", "calls.send",
  "batch_calls.template", "batch_calls.validate", "batch_calls.preview", "batch_calls.start",
  "batch_calls.get", "batch_calls.progress", "batch_calls.list_calls", "batch_calls.get_call",
  "batch_calls.cancel",
];

/** Each fault with parameters that make a good start. */
const faultExamples = {
  delay: "ms=2000", reset: "when=after", close: "when=before", partial: "bytes=20",
  slow: "bytes=1; ms=20", status: "status=503; retryAfter=2", html: "status=502",
  "invalid-json": "", "content-type": "contentType=text/plain", huge: "bytes=1048576", empty: "",
};

const faultOwn = ["id", "operation", "fault", "count", "skip", "probability", "remaining", "applied"];

function parametersText(rule) {
  const own = Object.entries(rule).filter(([name]) => !faultOwn.includes(name));
  return own.map(([name, value]) => `${name}=${value}`).join("; ") || "–";
}

const faultColumns = [
  ["Fault", (rule) => rule.fault, (rule) => badge(rule.fault, "bad")],
  ["Operation", (rule) => (rule.operation === "*" ? "every operation" : rule.operation)],
  ["Parameters", parametersText, null, "mono"],
  ["Applied", (rule) => [rule.applied, rule.remaining, rule.skip, rule.probability], (rule) => [
    rule.remaining === null ? `${rule.applied}` : `${rule.applied} of ${rule.applied + rule.remaining}`,
    note([rule.skip ? `skips ${rule.skip}` : "", rule.probability < 1 ? `probability ${rule.probability}` : ""]
      .filter(Boolean).join(", "))], "number"],
  ["", (rule) => rule.id, (rule) => {
    const remove = element("button", { type: "button", onclick: () => removeFault(rule.id) }, "Remove");
    remove.setAttribute("aria-label", `Remove the fault ${rule.fault}`);
    return remove;
  }],
];

let faultTable;

function showFaults(answer) {
  faultTable ??= new Table(byId("fault-list"), "faults", faultColumns, (rule) => rule.id);
  const rules = answer?.faults ?? null;
  known.faults = rules;
  countOn("faults", rules ? rules.length : null);
  byId("fault-add").hidden = !rules;
  if (!rules) faultTable.explain("This sandbox makes no faults.");
  else if (!rules.length) faultTable.explain("No faults: everything works as it should.");
  else faultTable.show([...rules].reverse(), `${rules.length} in all`);
}

async function removeFault(identifier) {
  await attempt(async () => {
    await ask("DELETE", `/sandbox/faults/${encodeURIComponent(identifier)}`);
    announce("The fault is removed");
  });
  refresh.faults.request();
}

/** `name=value; name=value` as an object; whole numbers become numbers. */
function parametersOf(text) {
  const parameters = {};
  for (const part of text.split(";").map((piece) => piece.trim()).filter(Boolean)) {
    const at = part.indexOf("=");
    if (at < 1) throw new Refusal(0, `"${part}" is not name=value`);
    const value = part.slice(at + 1).trim();
    parameters[part.slice(0, at).trim()] = /^\d+$/.test(value) ? Number(value) : value;
  }
  return parameters;
}

function prepareFaults() {
  const form = byId("fault-add");
  const { operation, fault, parameters, count, skip, probability } = form.elements;
  operation.append(element("option", { value: "*" }, "every operation"),
    ...operationNames.map((name) => element("option", { value: name }, name)));
  byId("fault-names").append(...Object.keys(faultExamples).map((name) => element("option", { value: name })));
  fault.addEventListener("change", () => {
    if (fault.value in faultExamples) parameters.value = faultExamples[fault.value];
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const rule = await ask("POST", "/sandbox/faults", {
        ...parametersOf(parameters.value), operation: operation.value, fault: fault.value.trim(),
        count: Number(count.value), skip: Number(skip.value), probability: Number(probability.value),
      });
      announce(`The fault ${rule.fault} is set`);
      refresh.faults.request();
    });
  });
  byId("fault-clear").addEventListener("click", () => attempt(async () => {
    await ask("DELETE", "/sandbox/faults");
    announce("All faults are cleared");
    refresh.faults.request();
  }));
}
