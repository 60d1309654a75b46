// The journal of requests: each with its answer and the curl command that repeats it.

import { statusBadge } from "./badges.js";
import { openDetail } from "./drawer.js";
import { badge, byId, copyable, facts, hourText, inputById, link, mono, note, readable, timeText } from "./elements.js";
import { ask, known, refresh } from "./service.js";
import { Table } from "./table.js";
import { countOn } from "./tabs.js";

const most = 500;
const journal = { after: 0, generation: 0, isOffered: true };

/** @type {Table<JournalEntry> | null} */
let table = null;

/** @type {Column<JournalEntry>[]} */
const columns = [
  {
    title: "Request",
    mark: (entry) => entry.sequence,
    content: (entry) => [
      link(`${entry.method} ${entry.path}`, () => openRequest(String(entry.sequence))),
      note(entry.operation ?? "no operation"),
    ],
  },
  { title: "Status", mark: (entry) => entry.status, content: (entry) => statusBadge(entry.status) },
  { title: "Took", mark: (entry) => `${entry.milliseconds} ms`, kind: "number" },
  {
    title: "Fault",
    mark: (entry) => entry.fault,
    content: (entry) => (entry.fault ? badge(entry.fault, "bad") : "–"),
  },
  { title: "Id", mark: (entry) => entry.requestId, kind: "mono" },
  { title: "When", mark: (entry) => hourText(entry.at), kind: "number" },
];

export function forgetRequests() {
  journal.after = 0;
  journal.generation += 1;
  known.requests = [];
}

/** Reads on from the last entry seen. */
export async function readRequests() {
  const { generation } = journal;
  let entries = await pageOfRequests();
  if (generation !== journal.generation) return refresh.requests?.request();
  while (entries?.length) {
    known.requests.push(...entries);
    known.requests.splice(0, known.requests.length - most);
    journal.after = entries.at(-1)?.sequence ?? journal.after;
    entries = await pageOfRequests();
    if (generation !== journal.generation) return refresh.requests?.request();
  }
  journal.isOffered = entries !== null;
  return showRequests();
}

/** @returns {Promise<JournalEntry[] | null>} */
async function pageOfRequests() {
  /** @type {Journal | null} */
  const answer = await ask("GET", `/sandbox/journal?after=${journal.after}&limit=200`);
  if (answer && answer.last < journal.after) {
    // Another run of the sandbox, whose numbers begin at 1 again.
    forgetRequests();
    return [];
  }
  return answer ? answer.entries : null;
}

export function showRequests() {
  table ??= new Table(byId("request-list"), "requests", columns, (entry) => entry.sequence);
  countOn("requests", journal.isOffered ? known.requests.length : null);
  if (!journal.isOffered) return table.explain("This sandbox keeps no journal.");
  const wanted = inputById("request-filter").value.trim().toLowerCase();
  const matching = known.requests.filter((entry) => !wanted
    || [entry.method, entry.path, entry.operation, entry.status, entry.requestId, entry.fault]
      .join(" ").toLowerCase().includes(wanted));
  if (!known.requests.length) return table.explain("No requests yet.");
  if (!matching.length) return table.explain("No request matches the filter.");
  const shown = matching.slice(-100).reverse();
  return table.show(shown, shown.length < matching.length
    ? `The newest ${shown.length} of ${matching.length}` : `${matching.length} in all`);
}

/** @param {string} sequence */
export function openRequest(sequence) {
  openDetail(`requests/${sequence}`, async () => {
    const entry = known.requests.find((one) => String(one.sequence) === sequence);
    if (!entry) return { title: "Request", content: [note("It is no longer in the journal.")] };
    return { title: `${entry.method} ${entry.path}`, content: requestContent(entry), mark: entry.sequence };
  });
}

/** @param {JournalEntry} entry @returns {Detail["content"]} */
function requestContent(entry) {
  return [
    facts({
      Status: statusBadge(entry.status),
      Operation: entry.operation,
      "Request id": mono(entry.requestId),
      Took: `${entry.milliseconds} ms`,
      When: `${timeText(entry.at)} UTC`,
      Fault: entry.fault,
    }),
    copyable("curl", entry.curl),
    entry.requestHeaders ? copyable("Request headers", headerText(entry.requestHeaders)) : null,
    entry.requestBody ? copyable("Request body", readable(entry.requestBody)) : null,
    entry.answerBody ? copyable("Answer", readable(entry.answerBody)) : note("The answer had no body."),
  ];
}

/** @param {Record<string, string>} headers */
const headerText = (headers) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
