// A CSV file of contacts: checked first, then called.

import { addressOf, go } from "./address.js";
import { chooseAgents, tryInForm, whenSubmitted } from "./call-form.js";
import { announce, badge, byId, countText, element, inputById, note, typedById } from "./elements.js";
import { serve } from "./key.js";
import { attempt, Refusal } from "./service.js";

const path = "/v1/api/batch-calls";

export async function openContactForm() {
  await attempt(async () => {
    if (!await chooseAgents("contact-agent"))
      throw new Refusal(0, "A batch needs an agent: create one first, or press Send a call");
    inputById("contact-file").value = "";
    forget();
    typedById("contact-dialog", HTMLDialogElement).showModal();
    byId("contact-file").focus();
  });
}

function forget() {
  byId("contact-report").replaceChildren();
  byId("contact-error").textContent = "";
  typedById("contact-start", HTMLButtonElement).disabled = true;
}

/** @param {Record<string, string>} fields */
function formWith(fields) {
  const file = inputById("contact-file").files?.[0];
  if (!file) throw new Refusal(0, "Choose a file first");
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new File([file], file.name, { type: "text/csv" }));
  return form;
}

async function check() {
  forget();
  if (!inputById("contact-file").files?.length) return;
  /** @type {ContactReport} */
  const report = await serve("POST", `${path}/validate`, formWith({}));
  byId("contact-report").replaceChildren(...reportContent(report));
  typedById("contact-start", HTMLButtonElement).disabled = !report.valid;
}

/** @param {ContactReport} report @returns {Node[]} */
function reportContent(report) {
  const rows = (/** @type {number} */ count) => `${countText(count)} ${count === 1 ? "row" : "rows"}`;
  const head = element("p", {}, badge(report.valid ? "ready" : "not ready", report.valid ? "good" : "bad"),
    ` ${rows(report.totalRows)}: ${countText(report.validRows)} good, ${countText(report.invalidRows)} bad`);
  const columns = note(`Columns: ${report.columns.join(", ")}`);
  return [head, columns, ...problems("Errors", "bad", report.errors), ...problems("Warnings", "wait", report.warnings),
    ...(report.valid ? [] : [note("Every row must be good before a batch starts: mend the file and choose it again.")])];
}

/** @param {string} title @param {string} kind @param {ContactProblem[]} list */
function problems(title, kind, list) {
  if (!list.length) return [];
  return [element("h3", {}, title), element("ol", { class: "rows problems", tabindex: "0", "aria-label": title },
    list.map(({ row, column, value, message }) => element("li", {}, badge(`row ${row}`, kind), ` ${message}`,
      value || column ? note([column, value === undefined ? null : `"${value}"`].filter(Boolean).join(": ")) : null)))];
}

async function start() {
  const moment = inputById("contact-scheduled").value;
  /** @type {Record<string, string>} */
  const fields = { agentId: typedById("contact-agent", HTMLSelectElement).value };
  if (moment) fields.scheduledAt = new Date(`${moment}Z`).toISOString();
  const answer = await serve("POST", path, formWith(fields));
  typedById("contact-dialog", HTMLDialogElement).close();
  announce(`${answer.batchId} is started`);
  go(addressOf("batches", String(answer.batchId)));
}

export function prepareContactForm() {
  byId("contact-file").addEventListener("change", () => tryInForm("contact-error", check));
  whenSubmitted("contact-form", "contact-error", start);
  byId("contact-cancel").addEventListener("click", () => typedById("contact-dialog", HTMLDialogElement).close());
}
