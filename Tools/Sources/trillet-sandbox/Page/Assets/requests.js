// The journal of requests: each with its answer and the curl command that repeats it.

const journal = { after: 0, generation: 0, isOffered: true, most: 500, table: null };

function statusBadge(status) {
  if (!status) return badge("no answer", "bad");
  return badge(status, status < 300 ? "good" : status < 500 ? "wait" : "bad");
}

const requestColumns = [
  ["Request", (entry) => entry.sequence, (entry) => [
    link(`${entry.method} ${entry.path}`, () => openRequest(entry.sequence)), note(entry.operation ?? "no operation")]],
  ["Status", (entry) => entry.status, (entry) => statusBadge(entry.status)],
  ["Took", (entry) => `${entry.milliseconds} ms`, null, "number"],
  ["Fault", (entry) => entry.fault, (entry) => (entry.fault ? badge(entry.fault, "bad") : "–")],
  ["Id", (entry) => entry.requestId, null, "mono"],
  ["When", (entry) => hourText(entry.at), null, "number"],
];

function forgetRequests() {
  journal.after = 0;
  journal.generation += 1;
  known.requests = [];
}

/** Reads on from the last entry seen. */
async function readRequests() {
  const { generation } = journal;
  let entries = await pageOfRequests();
  if (generation !== journal.generation) return refresh.requests.request();
  while (entries?.length) {
    known.requests.push(...entries);
    known.requests.splice(0, known.requests.length - journal.most);
    journal.after = entries.at(-1).sequence;
    entries = await pageOfRequests();
    if (generation !== journal.generation) return refresh.requests.request();
  }
  journal.isOffered = entries !== null;
  return showRequests();
}

async function pageOfRequests() {
  const answer = await ask("GET", `/sandbox/journal?after=${journal.after}&limit=200`);
  if (answer && answer.last < journal.after) {
    // Another run of the sandbox, whose numbers begin at 1 again.
    forgetRequests();
    return [];
  }
  return answer ? answer.entries : null;
}

function showRequests() {
  journal.table ??= new Table(byId("request-list"), "requests", requestColumns, (entry) => entry.sequence);
  countOn("requests", journal.isOffered ? known.requests.length : null);
  if (!journal.isOffered) return journal.table.explain("This sandbox keeps no journal.");
  const wanted = byId("request-filter").value.trim().toLowerCase();
  const matching = known.requests.filter((entry) => !wanted
    || [entry.method, entry.path, entry.operation, entry.status, entry.requestId, entry.fault]
      .join(" ").toLowerCase().includes(wanted));
  if (!known.requests.length) return journal.table.explain("No requests yet.");
  if (!matching.length) return journal.table.explain("No request matches the filter.");
  const shown = matching.slice(-100).reverse();
  return journal.table.show(shown, shown.length < matching.length
    ? `The newest ${shown.length} of ${matching.length}` : `${matching.length} in all`);
}

function openRequest(sequence) {
  openDetail(`requests/${sequence}`, async () => {
    const entry = known.requests.find((one) => String(one.sequence) === String(sequence));
    if (!entry) return { title: "Request", content: [note("It is no longer in the journal.")] };
    return { title: `${entry.method} ${entry.path}`, content: requestContent(entry), mark: entry.sequence };
  });
}

function requestContent(entry) {
  return [
    facts([
      ["Status", statusBadge(entry.status)], ["Operation", entry.operation],
      ["Request id", mono(entry.requestId)], ["Took", `${entry.milliseconds} ms`],
      ["When", `${timeText(entry.at)} UTC`], ["Fault", entry.fault],
    ]),
    copyable("curl", entry.curl),
    entry.requestHeaders ? copyable("Request headers", headerText(entry.requestHeaders)) : null,
    entry.requestBody ? copyable("Request body", readable(entry.requestBody)) : null,
    entry.answerBody ? copyable("Answer", readable(entry.answerBody)) : note("The answer had no body."),
  ].flat();
}

const headerText = (headers) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
