// Batches: their list, and one with its calls and the reasons why some failed.

import { addressOf } from "./address.js";
import { stateBadge } from "./badges.js";
import { agentColumn } from "./calls.js";
import { confirmed } from "./confirm.js";
import { openContactForm } from "./contact-form.js";
import { openDetail } from "./drawer.js";
import { announce, button, byId, countText, element, facts, link, note, simulated, timeText } from "./elements.js";
import { askForPart, choiceFilter, clearFilters, isFiltered, textFilter } from "./filters.js";
import { List } from "./list.js";
import { ask, attempt, refresh } from "./service.js";
import { serve } from "./key.js";

const tab = "batches";

/** @param {ListedBatch} batch */
function progressBar(batch) {
  const done = batch.completed + batch.failed + batch.cancelled;
  const bar = element("div", {
    class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": batch.total,
    "aria-valuenow": done, "aria-label": `${batch.id}: ${done} of ${batch.total} calls done`,
  });
  const segments = { good: batch.completed, bad: batch.failed, busy: batch.active };
  for (const [kind, count] of Object.entries(segments)) {
    const segment = element("i", { class: kind });
    segment.style.width = `${batch.total ? (100 * count) / batch.total : 0}%`;
    bar.append(segment);
  }
  return bar;
}

/** @param {ListedBatch} batch */
function batchProgress(batch) {
  const { completed, failed, active, waiting, cancelled } = batch;
  const counts = Object.entries({ completed, failed, active, waiting, cancelled })
    .filter(([, count]) => count > 0).map(([name, count]) => `${countText(count)} ${name}`);
  return [progressBar(batch), note(`${countText(batch.total)} calls: ${counts.join(", ")}`)];
}

/** @type {Column<ListedBatch>[]} */
const columns = [
  {
    title: "Batch",
    mark: (batch) => batch.id,
    content: (batch) => link(batch.id, addressOf(tab, batch.id)),
    kind: "mono",
    width: "8.5rem",
    phone: 1,
  },
  { title: "Status", mark: (batch) => batch.status, content: (batch) => stateBadge(batch.status), width: "7rem", phone: 2 },
  {
    title: "Progress",
    mark: (batch) => [batch.waiting, batch.active, batch.completed, batch.failed, batch.cancelled, batch.total],
    content: batchProgress,
    kind: "whole",
    width: "minmax(11rem, 2fr)",
    phone: 3,
  },
  agentColumn(),
  ...(/** @type {const} */ (["scheduled", "started", "finished"])).map((moment) => ({
    title: moment[0]?.toUpperCase() + moment.slice(1),
    unit: "simulated",
    mark: (/** @type {ListedBatch} */ batch) => timeText(batch[`${moment}At`]),
    kind: /** @type {const} */ ("number"),
    width: "10.5rem",
    phone: moment === "started" ? 5 : 0,
  })),
];

/** @type {List<ListedBatch> | null} */
let list = null;

export function prepareBatches() {
  const panel = byId("panel-batches");
  const states = ["queued", "processing", "completed", "cancelled", "failed"];
  panel.append(element("div", { class: "tools" },
    textFilter(tab, "search", "Search", { placeholder: "batch_1000001" }),
    choiceFilter(tab, "state", "Status", [["", "Every status"],
      ...states.map((state) => /** @type {[string, string]} */ ([state, state]))]).label,
    button("Upload a CSV", () => openContactForm(), "main"), ...clearFilters(tab, { agentId: "Agent" })));
  list = new List(panel, {
    name: "Batches",
    columns,
    key: (batch) => batch.id,
    load: (offset, limit) => askForPart(tab, { offset, limit }),
    empty: () => [isFiltered(tab) ? "No batch matches the filters."
      : "No batches yet. Upload a CSV file, or post one to /v1/api/batch-calls."],
    countText: ({ total }) => `${countText(total)} ${total === 1 ? "batch" : "batches"}`,
  });
}

/** @type {Panel} */
export const batches = {
  show: async () => list?.reload(),
  refresh: async () => list?.refresh(),
  enter: () => list?.focusRow(0),
  open: (identifier) => openDetail(`${tab}/${identifier}`, () => batchDetail(identifier)),
};

/** @param {string} identifier @returns {Promise<Detail>} */
async function batchDetail(identifier) {
  const path = `/sandbox/batches/${encodeURIComponent(identifier)}`;
  /** @type {WholeBatch | null} */
  const batch = await ask("GET", path);
  if (!batch) return { title: "Batch", content: [note(`There is no batch ${identifier}.`)] };
  const failed = batch.failed ? await ask("GET", `${path}/rows?state=failed&limit=10`) : null;
  const rows = await ask("GET", `${path}/rows?limit=25`);
  return { title: `Batch ${identifier}`, content: batchContent(batch, failed?.entries ?? [], rows.entries), mark: [batch, rows, failed] };
}

/** @param {WholeBatch} batch @param {BatchRow[]} failed @param {BatchRow[]} rows @returns {Detail["content"]} */
function batchContent(batch, failed, rows) {
  const isGoing = ["queued", "processing"].includes(batch.status);
  const callsOf = (/** @type {Record<string, string>} */ more) => addressOf("calls", null, { batchId: batch.id, ...more });
  return [
    ...batchProgress(batch),
    element("p", { class: "actions" },
      element("a", { class: "button", href: callsOf({}) }, "Show its calls"),
      isGoing ? button("Cancel the batch…", () => cancel(batch), "danger") : null),
    facts({
      Status: stateBadge(batch.status),
      Agent: batch.agentId ? link(batch.agentName ?? batch.agentId, addressOf("agents", batch.agentId)) : null,
      From: batch.fromNumber,
      Columns: batch.columns.join(", "),
      Scheduled: simulated(batch.scheduledAt),
      Started: simulated(batch.startedAt),
      Finished: simulated(batch.finishedAt),
    }),
    batch.reasons.length ? [element("h3", {}, "Why calls failed"),
      facts(Object.fromEntries(batch.reasons.map(({ reason, calls }) =>
        [reason || "unknown", link(`${countText(calls)} calls`, callsOf({ error: reason }))])))] : null,
    failed.length ? [element("h3", {}, "Failed rows"), rowList(failed)] : null,
    element("h3", {}, batch.total > rows.length ? `The first ${rows.length} of ${countText(batch.total)} rows` : "Rows"),
    rowList(rows),
  ];
}

/** @param {BatchRow[]} rows */
const rowList = (rows) => element("ol", { class: "rows" }, rows.map((row) => element("li", {},
  element("span", { class: "number" }, `${row.row}. `, row.callId ? link(row.toNumber, addressOf("calls", row.callId)) : row.toNumber),
  stateBadge(row.status), note([row.error, row.attempts > 1 ? `${row.attempts} attempts` : null].filter(Boolean).join(", ")))));

/** @param {ListedBatch} batch */
async function cancel(batch) {
  const left = batch.waiting + batch.active;
  const isSure = await confirmed(`Cancel ${batch.id}?`,
    `${countText(left)} calls that wait or run are given up. A batch cannot be continued.`, "Cancel the batch", "Let it run");
  if (!isSure) return;
  await attempt(async () => {
    await serve("DELETE", `/v1/api/batch-calls/${batch.id}`);
    announce(`${batch.id} is cancelled`);
    refresh.detail?.request();
    refresh.shown?.request();
  });
}

