// The calls by state over time.

import { clockNow } from "./clock.js";
import { countText, durationText, element, timeText } from "./elements.js";
import { drawBars, drawStack, drawTimes } from "./drawing.js";
import { ask, inWorkspace, known, refresh } from "./service.js";
import { chosenTab } from "./tabs.js";

const points = 60;

/** @type {["queued" | "ringing" | "talking", string][]} */
const going = [["queued", "Queued"], ["ringing", "Ringing"], ["talking", "Talking"]];
/** @type {["successful" | "failed", string][]} */
const ended = [["successful", "Successful"], ["failed", "Failed"]];

/**
 * Lengths of the plot in simulated milliseconds; 0 is everything.
 * @type {[string, number][]}
 */
const lengths = [["2 minutes", 120_000], ["10 minutes", 600_000], ["1 hour", 3_600_000], ["1 day", 86_400_000], ["Everything", 0]];

class Plot {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.length = element("select", { "aria-label": "Length of the plot" },
      ...lengths.map(([text, value]) => element("option", { value }, text)));
    this.length.value = "600000";
    this.length.addEventListener("change", () => refresh.plot?.request());
    this.going = element("div", { class: "drawing" });
    this.ended = element("div", { class: "drawing" });
    this.times = element("div", { class: "times", "aria-hidden": "true" });
    this.cursor = element("input", { type: "range", class: "cursor", min: 0, max: points - 1, value: points - 1, "aria-label": "Moment of the plot" });
    this.cursor.addEventListener("input", () => this.tell());
    this.reading = element("p", { class: "reading" });
    const surface = element("div", { class: "surface" }, this.going, this.ended);
    surface.addEventListener("pointermove", (event) => {
      const box = surface.getBoundingClientRect();
      this.cursor.value = String(Math.floor((points * (event.clientX - box.left)) / box.width));
      this.tell();
    });
    const legend = element("p", { class: "legend" }, ...[...going, ...ended].map(([name, text]) =>
      element("span", { class: name }, element("i", { "aria-hidden": "true" }), text)));
    this.details = element("details", { class: "plot" }, element("summary", {}, "Calls over time ",
      element("span", { class: "kind" }, "simulated")),
      element("div", { class: "legends" }, element("label", {}, "The last ", this.length), legend),
      surface, this.times, this.cursor, this.reading);
    this.details.open = matchMedia("(min-width: 44.01rem) and (min-height: 40rem)").matches;
    this.details.addEventListener("toggle", () => refresh.plot?.request());
    parent.append(this.details);
    /** @type {PlotFigures | null} */
    this.figures = null;
  }

  async read() {
    if (!this.details.open || chosenTab() !== "calls") return;
    /** @type {PlotFigures | null} */
    const figures = await ask("GET", inWorkspace("/sandbox/plot", { points, ...this.window() }));
    if (!figures) return;
    this.figures = figures;
    drawStack(this.going, going.map(([name]) => ({ name, values: figures[name] })), "Under way");
    drawBars(this.ended, ended.map(([name]) => ({ name, values: figures[name] })), "Ended in each step");
    drawTimes(this.times, figures, points);
    this.tell();
  }

  /** Whole steps, so that the bars keep their places while time goes on. */
  window() {
    const length = Number(this.length.value);
    const now = clockNow();
    if (!length || now === null) return {};
    const step = length / points;
    const until = Math.ceil((now + 1) / step) * step;
    return { since: until - length, until };
  }

  tell() {
    const { figures } = this;
    if (!figures) return;
    const index = Math.min(Math.max(Number(this.cursor.value), 0), points - 1);
    const at = figures.since + index * figures.width;
    const counts = [...going, ...ended].map(([name, text]) => `${countText(figures[name][index] ?? 0)} ${text.toLowerCase()}`);
    const text = `${timeText(at)} UTC, ${durationText(figures.width)} long: ${counts.join(", ")}`;
    if (this.reading.textContent === text) return;
    this.reading.textContent = text;
    this.cursor.setAttribute("aria-valuetext", text);
    this.cursor.style.setProperty("--at", String((index + 0.5) / points));
    for (const drawing of [this.going, this.ended]) drawing.style.setProperty("--at", String((index + 0.5) / points));
  }
}

/** @param {HTMLElement} parent */
export function preparePlot(parent) {
  const plot = new Plot(parent);
  showPlot = () => { plot.details.hidden = !known.summary?.calls.total; };
  showPlot();
  readPlot = async () => {
    showPlot();
    if (!plot.details.hidden) await plot.read();
  };
}

/** Makes room for the plot as soon as there is something to show, so that the list does not jump later. */
export let showPlot = () => {};

/** What the refresh of the plot does. */
export let readPlot = async () => {};
