// The journal of requests: each with its answer and the curl command that repeats it.

import { addressOf } from "./address.js";
import { statusBadge } from "./badges.js";
import { openDetail } from "./drawer.js";
import { badge, byId, copyable, countText, element, facts, hourText, link, mono, note, readable, real } from "./elements.js";
import { clearFilters, filtersOf, textFilter } from "./filters.js";
import { List } from "./list.js";
import { ask } from "./service.js";
import { countOn } from "./tabs.js";

const tab = "requests";
const most = 1000;
/** @type {{ entries: JournalEntry[], after: number, generation: number, isOffered: boolean }} */
const journal = { entries: [], after: 0, generation: 0, isOffered: true };

/** @type {Column<JournalEntry>[]} */
const columns = [
  {
    title: "Request",
    mark: (entry) => entry.sequence,
    content: (entry) => [
      link(`${entry.method} ${entry.path}`, addressOf(tab, String(entry.sequence))),
      note(entry.operation ?? "no operation"),
    ],
    width: "minmax(16rem, 2.5fr)",
    phone: 1,
  },
  { title: "Status", mark: (entry) => entry.status, content: (entry) => statusBadge(entry.status), width: "7rem", phone: 2 },
  { title: "Took", mark: (entry) => `${entry.milliseconds} ms`, kind: "number", width: "6rem", phone: 3 },
  {
    title: "Fault",
    mark: (entry) => entry.fault,
    content: (entry) => (entry.fault ? badge(entry.fault, "bad") : "–"),
    width: "8rem",
  },
  { title: "Id", mark: (entry) => entry.requestId, kind: "mono" },
  { title: "When", unit: "real time", mark: (entry) => hourText(entry.at), kind: "number", width: "8rem", phone: 4 },
];

/** @type {List<JournalEntry> | null} */
let list = null;

export function forgetRequests() {
  journal.after = 0;
  journal.generation += 1;
  journal.entries = [];
}

/**
 * Reads on from the last entry seen.
 * @returns {Promise<void>}
 */
async function readOn() {
  const { generation } = journal;
  let entries = await nextEntries();
  while (entries?.length && generation === journal.generation) {
    journal.entries.push(...entries);
    journal.entries.splice(0, journal.entries.length - most);
    journal.after = entries.at(-1)?.sequence ?? journal.after;
    entries = await nextEntries();
  }
  if (generation !== journal.generation) return readOn();
  journal.isOffered = entries !== null;
}

/** @returns {Promise<JournalEntry[] | null>} */
async function nextEntries() {
  /** @type {Journal | null} */
  const answer = await ask("GET", `/sandbox/journal?after=${journal.after}&limit=200`);
  if (answer && answer.last < journal.after) {
    // Another run of the sandbox, whose numbers begin at 1 again.
    forgetRequests();
    return [];
  }
  return answer ? answer.entries : null;
}

/** How many there are, without reading them. */
export async function countRequests() {
  /** @type {Journal | null} */
  const answer = await ask("GET", "/sandbox/journal?limit=0");
  countOn(tab, answer ? answer.kept : null);
}

/** @param {number} offset @param {number} limit @returns {Promise<Part<JournalEntry> | null>} */
async function load(offset, limit) {
  if (offset === 0) await readOn();
  if (!journal.isOffered) return null;
  const wanted = (filtersOf(tab).get("search") ?? "").toLowerCase();
  const matching = journal.entries.filter((entry) => !wanted
    || [entry.method, entry.path, entry.operation, entry.status, entry.requestId, entry.fault]
      .join(" ").toLowerCase().includes(wanted)).reverse();
  return { entries: matching.slice(offset, offset + limit), total: matching.length };
}

export function prepareRequests() {
  const panel = byId("panel-requests");
  panel.append(element("div", { class: "tools" },
    textFilter(tab, "search", "Filter", { placeholder: "path, operation, status or request id", id: "request-filter" }),
    ...clearFilters(tab)));
  const place = element("div", { id: "request-list" });
  panel.append(place);
  list = new List(place, {
    name: "Requests",
    columns,
    key: (entry) => entry.sequence,
    load,
    empty: () => [journal.entries.length ? "No request matches the filter." : "No requests yet."],
    countText: ({ total }) => `${countText(total)} ${total === 1 ? "request" : "requests"}`,
  });
}

/** @type {Panel} */
export const requests = {
  show: async () => list?.reload(),
  refresh: async () => list?.refresh(),
  enter: () => list?.focusRow(0),
  open: (sequence) => openDetail(`${tab}/${sequence}`, async () => {
    const after = Number(sequence) - 1;
    /** @type {Journal | null} */
    const answer = after >= 0 ? await ask("GET", `/sandbox/journal?after=${after}&limit=1`) : null;
    const entry = answer?.entries.find((one) => String(one.sequence) === sequence);
    if (!entry) return { title: "Request", content: [note("It is no longer in the journal.")] };
    return { title: `${entry.method} ${entry.path}`, content: requestContent(entry), mark: entry.sequence };
  }),
};

/** @param {JournalEntry} entry @returns {Detail["content"]} */
function requestContent(entry) {
  return [
    facts({
      Status: statusBadge(entry.status),
      Operation: entry.operation,
      "Request id": mono(entry.requestId),
      Took: `${entry.milliseconds} ms`,
      When: real(entry.at),
      Fault: entry.fault,
    }),
    copyable("curl", entry.curl),
    entry.operation ? element("p", { class: "actions" }, element("a", { class: "button",
      href: addressOf("faults", null, { operation: entry.operation }) }, "Let it fail next time…")) : null,
    entry.requestHeaders ? copyable("Request headers", headerText(entry.requestHeaders)) : null,
    entry.requestBody ? copyable("Request body", readable(entry.requestBody)) : null,
    entry.answerBody ? copyable("Answer", readable(entry.answerBody)) : note("The answer had no body."),
  ];
}

/** @param {Record<string, string>} headers */
const headerText = (headers) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
