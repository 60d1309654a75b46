// Deliveries of webhooks.

const deliveries = { table: null, most: 200 };

const deliveryColumns = [
  ["Delivery", (delivery) => [delivery.event, delivery.id],
    (delivery) => [link(delivery.event, () => openDelivery(delivery.id)), note(mono(delivery.id))]],
  ["Status", (delivery) => delivery.status, (delivery) => stateBadge(delivery.status)],
  ["Call", (delivery) => delivery.callId, (delivery) => link(delivery.callId, () => openCall(delivery.callId)), "mono"],
  ["To", (delivery) => delivery.url, (delivery) => mono(delivery.url)],
  ["Attempts", (delivery) => delivery.attempts.length, null, "number"],
  ["When", (delivery) => timeText(delivery.at), null, "number"],
];

async function refreshDeliveries() {
  const answer = await ask("GET", `/sandbox/deliveries?limit=${deliveries.most}`);
  known.deliveries = answer ? answer.entries : null;
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
