// Deliveries of webhooks.

const deliveries = { table: null, most: 200, page: 1000 };

const deliveryColumns = [
  ["Delivery", (delivery) => [delivery.event, delivery.id],
    (delivery) => [link(delivery.event, () => openDelivery(delivery.id)), note(mono(delivery.id))]],
  ["Status", (delivery) => delivery.status, (delivery) => stateBadge(delivery.status)],
  ["Call", (delivery) => delivery.callId, (delivery) => link(delivery.callId, () => openCall(delivery.callId)), "mono"],
  ["To", (delivery) => delivery.url, null, "mono"],
  ["Attempts", (delivery) => delivery.attempts.length, null, "number"],
  ["When", (delivery) => timeText(delivery.at), null, "number"],
];

/** The last deliveries; null where the sandbox makes none. */
async function readDeliveries() {
  let last = [];
  let after = 0;
  for (;;) {
    const answer = await ask("GET", `/sandbox/deliveries?after=${after}&limit=${deliveries.page}`);
    if (!answer) return null;
    last = [...last, ...answer.entries].slice(-deliveries.most);
    if (answer.entries.length < deliveries.page) return last;
    after = answer.entries.at(-1).sequence;
  }
}

async function refreshDeliveries() {
  known.deliveries = await readDeliveries();
  showDeliveries();
  // What is on its way arrives soon, and no event tells when.
  if (known.deliveries?.some((delivery) => delivery.status === "pending"))
    setTimeout(() => refresh.deliveries.request(), 1000);
}

function showDeliveries() {
  deliveries.table ??= new Table(byId("panel-deliveries"), "deliveries", deliveryColumns, (delivery) => delivery.id);
  const mine = known.deliveries?.filter((delivery) => delivery.workspaceId === workspace()?.id);
  countOn("deliveries", mine ? mine.length : null);
  if (!mine) return deliveries.table.explain("This sandbox does not deliver webhooks.");
  if (!mine.length) {
    return deliveries.table.explain("Nothing delivered yet. A call with a callback URL, or a flow with webhooks, does.");
  }
  return deliveries.table.show([...mine].reverse(), `The newest ${mine.length}`);
}

function openDelivery(identifier) {
  openDetail(`deliveries/${identifier}`, async () => {
    const delivery = known.deliveries?.find((one) => one.id === identifier);
    if (!delivery) return { title: "Delivery", content: [note("It is no longer there.")] };
    return { title: delivery.event, content: deliveryContent(delivery), mark: delivery };
  });
}

function deliveryContent(delivery) {
  return [
    facts([
      ["Status", stateBadge(delivery.status)], ["Id", mono(delivery.id)], ["To", delivery.url],
      ["Call", link(delivery.callId, () => openCall(delivery.callId))],
      ["When", `${timeText(delivery.at)} UTC`],
      ["Next attempt", delivery.dueAt && `${timeText(delivery.dueAt)} UTC`],
    ]),
    attempts(delivery),
    copyable("Body", readable(delivery.body)),
    copyable("X-Trillet-Signature", delivery.signature),
  ];
}

function attempts(delivery) {
  if (!delivery.attempts.length) return null;
  return [element("h3", {}, "Attempts"), element("ol", { class: "timeline" },
    delivery.attempts.map(({ at, milliseconds, status, error }) => element("li", {},
      status ? statusBadge(status) : badge("no answer", "bad"),
      element("span", { class: "number" }, `${timeText(at)} UTC, ${milliseconds} ms`),
      error ? note(error) : null)))];
}
