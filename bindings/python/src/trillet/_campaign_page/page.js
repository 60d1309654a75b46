import { at, clock, count, duration, element, say, show, words } from "/elements.js";
import { hourPlot, outcomePlot } from "/plots.js";

const LOOK_MS = 1000;
// The server answers within 30 s, or says that it cannot.
const LONGEST_MS = 40000;
const STATES = { running: "busy", paused: "wait", done: "good", cancelled: "bad" };
let last;

/** Everything that a look has brought. */
function draw(seen) {
  document.title = `${seen.name}: ${count(seen.ended)} of ${count(seen.total)} – trillet`;
  say("name", seen.name);
  say("state", seen.state);
  at("state").className = `badge ${STATES[seen.state] ?? ""}`;
  drawProgress(seen);
  drawDoubts(seen);
  show("contacts", seen.contacts, tiles);
  drawPlots(seen);
  show("failures", seen.failures, failures);
  say("place", `Campaign ${seen.name} in ${seen.place}`);
}

function drawProgress(seen) {
  say("ended", count(seen.ended));
  say("total", count(seen.total));
  const share = seen.total ? (seen.ended / seen.total) * 100 : 0;
  if (!at("bar").firstChild) at("bar").append(element("i"));
  at("bar").firstChild.style.width = `${share}%`;
  at("bar").setAttribute("aria-valuenow", share.toFixed(0));
  at("bar").setAttribute("aria-valuetext", `${count(seen.ended)} of ${count(seen.total)}`);
  const facts = [
    ["Calls a minute", seen.calls_per_minute.toFixed(seen.calls_per_minute < 10 ? 1 : 0)],
    ["Left at this rate", seen.remaining_seconds === null ? "–" : duration(seen.remaining_seconds)],
    ["Over about", seen.over_at === null ? "–" : clock(seen.over_at)],
    ["Calls so far", count(seen.calls)],
    ["Cost so far", seen.cost.toLocaleString("en", { maximumFractionDigits: 2 })],
  ];
  show("facts", facts, (rows) =>
    rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  at("waits").hidden = seen.waits_for === null;
  say("waits", waits(seen));
}

function waits(seen) {
  if (seen.waits_for === null) return "";
  if (seen.state === "running") return `Waits for ${seen.waits_for}.`;
  if (seen.state === "draft") return `Nobody is called yet. Begin: ${seen.commands.run}`;
  if (seen.state !== "paused") return `${words(seen.state)}: ${seen.waits_for}.`;
  return `Paused: ${seen.waits_for}. Go on: ${seen.commands.resume}`;
}

function drawDoubts(seen) {
  const { held = 0, unknown = 0 } = seen.contacts;
  at("doubts").hidden = held + unknown === 0;
  const told = [[held, "held"], [unknown, "unknown"]].filter(([number]) => number);
  say("doubts-title", `In doubt: ${told.map(([number, name]) => `${count(number)} ${name}`).join(", ")}`);
  say("decide", `${seen.commands.unknown} --number NUMBER --resolve called (or redial)`);
  show("doubts-table", [seen.doubts, held + unknown], ([doubts, all]) => {
    const heads = ["State", "Number", "Key", "Called", "Known of it"].map((each) =>
      element("th", { scope: "col" }, each));
    const rows = doubts.map((each) => element("tr", {},
      element("td", {}, element("span", { class: `badge ${each.state === "held" ? "bad" : "wait"}` }, each.state)),
      element("td", { class: "mono" }, each.phone),
      element("td", {}, each.key === each.phone ? "" : each.key),
      element("td", {}, each.since === null ? "" : clock(each.since / 1000)),
      element("td", {}, each.reason === null ? "" : words(each.reason))));
    const first = doubts.length < all ? [element("caption", {}, `The first ${doubts.length} of ${count(all)}`)] : [];
    return [element("table", {}, ...first,
      element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows))];
  });
}

function drawPlots(seen) {
  const width = Math.max(240, at("hours").clientWidth);
  show("hours", { hours: seen.hours, outcomes: seen.outcomes, width }, hourPlot);
  show("outcomes", seen.outcomes, outcomePlot);
}

function tiles(contacts) {
  const found = Object.entries(contacts);
  if (!found.length) return [element("li", {}, "No contact yet")];
  return found.map(([state, number]) =>
    element("li", { class: state }, element("b", {}, count(number)), words(state)));
}

function failures(found) {
  if (!found.length) return [element("li", { class: "soft" }, "None.")];
  return found.map(({ at: when, kind, phone, reason }) => element("li", {},
    element("span", { class: "soft number" }, clock(when / 1000)),
    element("span", {}, [phone, words(kind)].filter(Boolean).join(" "), reason ? `: ${reason}` : "")));
}

function trouble(text) {
  at("trouble").hidden = !text;
  say("trouble", text);
  at("live").className = `badge ${text ? "bad" : "good"}`;
  say("live", text ? "Not live" : "Live");
}

async function look() {
  let answer;
  try {
    answer = await fetch("/data.json", { signal: AbortSignal.timeout(LONGEST_MS) });
  } catch {
    const again = last ? ` Start it again: ${last.commands.serve}` : "";
    return trouble(`The page's server has ended; what is shown is old.${again}`);
  }
  if (!answer.ok) return trouble(await answer.text());
  const seen = await answer.json();
  if (seen.error !== undefined) return trouble(`The database cannot be read: ${seen.error}`);
  last = seen;
  draw(seen);
  trouble("");
}

/** One look after the other; none while nobody sees the page. */
async function follow() {
  for (;;) {
    await look();
    await new Promise((done) => setTimeout(done, LOOK_MS));
    if (document.hidden) {
      await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
    }
  }
}

new ResizeObserver(() => last && drawPlots(last)).observe(at("hours"));
follow();
