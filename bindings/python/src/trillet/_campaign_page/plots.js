import { clock, count, drawn, element, words } from "/elements.js";

// Known outcomes keep their colour, whatever else a campaign has.
const PAINTS = {
  completed: "good", failed: "bad", refused: "bad", under_way: "busy", unknown: "doubt",
  no_answer: "0", voicemail: "1", busy: "2", other: "3",
};
const HEIGHT = 210;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 12;

const paint = (name) => `paint-${Object.hasOwn(PAINTS, name) ? PAINTS[name] : "4"}`;

const sum = (counts) => Object.values(counts).reduce((all, each) => all + each, 0);

const hourOf = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** A round number of calls for the top line of a plot, and half of it. */
function roundUp(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(2, most)));
  const steps = power > 1 ? [1, 2, 3, 4, 5, 6, 8, 10] : [2, 4, 6, 8, 10];
  const top = steps.map((each) => each * power).find((each) => each >= most);
  return Math.max(2, top);
}

/** Calls in each hour, one bar above the other by outcome. */
export function hourPlot({ hours, outcomes, width }) {
  if (!hours.length) return [element("p", { class: "soft" }, "No call yet.")];
  const names = outcomes.map(([name]) => name);
  const top = roundUp(Math.max(...hours.map(([, counts]) => sum(counts))));
  const step = (width - LEFT) / Math.max(hours.length, 6);
  const scale = (HEIGHT - TOP - BOTTOM) / top;
  const parts = [];
  for (const value of [0, top / 2, top]) {
    const y = HEIGHT - BOTTOM - value * scale;
    parts.push(drawn("line", { class: "grid", x1: LEFT, x2: width, y1: y, y2: y }));
    parts.push(drawn("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, count(value)));
  }
  hours.forEach(([at, counts], index) => {
    parts.push(...column(at, counts, names, LEFT + index * step, step, scale));
  });
  parts.push(...hourLabels(hours, step, width));
  const [first, last] = [hours[0][0], hours.at(-1)[0]];
  const calls = hours.reduce((all, [, counts]) => all + sum(counts), 0);
  const label = `${count(calls)} calls from ${clock(first / 1000)} to ${clock(last / 1000 + 3600)}`;
  const plot = { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label };
  const rows = hours.map(([at, counts]) => [clock(at / 1000), ...names.map((name) => counts[name] ?? 0)]);
  return [drawn("svg", plot, ...parts), legend(names), table(["Hour", ...names.map(words)], rows)];
}

function column(at, counts, names, x, step, scale) {
  let y = HEIGHT - BOTTOM;
  const gap = Math.min(4, step / 5);
  return names.filter((name) => counts[name]).map((name) => {
    const height = counts[name] * scale;
    y -= height;
    const box = { x: x + gap / 2, y, width: step - gap, height, class: paint(name) };
    const title = `${clock(at / 1000)}: ${count(counts[name])} ${words(name)}`;
    return drawn("rect", box, drawn("title", {}, title));
  });
}

/** As many as have room. */
function hourLabels(hours, step, width) {
  const every = [1, 2, 3, 4, 6, 8, 12, 24].find((each) => each * step >= 58) ?? 24;
  return hours
    .map(([at], index) => [new Date(at), LEFT + index * step])
    .filter(([at, x]) => at.getHours() % every === 0 && x + 40 <= width)
    .map(([at, x]) => {
      const isMidnight = at.getHours() === 0;
      const day = at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric" });
      return drawn("text", { x, y: HEIGHT - 6 }, isMidnight ? day : hourOf(at));
    });
}

function legend(names) {
  const marks = names.map((name) => element("li", {}, element("i", { class: paint(name) }), words(name)));
  return element("ul", { class: "legend" }, ...marks);
}

function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((each, index) =>
    element("th", { scope: "col", ...(index ? { class: "number" } : {}) }, each)));
  const body = rows.toReversed().map((row) => element("tr", {}, ...row.map((each) =>
    element("td", { class: "number" }, typeof each === "number" ? count(each) : each))));
  const sheet = element("div", { class: "sheet", tabindex: 0, role: "region", "aria-label": "Calls an hour, as a table" },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
  return element("details", {}, element("summary", {}, "As a table"), sheet);
}

/** A bar for each outcome, with its number and its share. */
export function outcomePlot(outcomes) {
  if (!outcomes.length) return [element("p", { class: "soft" }, "No call yet.")];
  const all = outcomes.reduce((total, [, calls]) => total + calls, 0);
  const rows = outcomes.map(([name, calls]) => {
    const share = (calls / all) * 100;
    const box = { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" };
    return element("li", {},
      element("span", {}, words(name)),
      element("span", { class: "number" }, `${count(calls)} · ${share.toFixed(share < 10 ? 1 : 0)} %`),
      drawn("svg", box, drawn("rect", { class: "track", width: 100, height: 6 }),
        drawn("rect", { class: paint(name), width: share, height: 6 })));
  });
  return [element("ul", { class: "rows" }, ...rows)];
}
