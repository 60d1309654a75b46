// Drawings of numbers: stacked areas and bars.

import { countText, element, hourText, timeText } from "./elements.js";

const width = 600;
const height = 100;

/** @typedef {{ name: string, values: number[] }} Series */

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 */
function shape(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/**
 * For each series how high it begins and ends.
 * @param {Series[]} series
 */
function stacked(series) {
  const floor = (series[0]?.values ?? []).map(() => 0);
  const layers = series.map(({ name, values }) => {
    const from = [...floor];
    values.forEach((value, index) => { floor[index] = (floor[index] ?? 0) + value; });
    return { name, from, to: [...floor] };
  });
  return { layers, most: Math.max(1, ...floor) };
}

/** @param {HTMLElement} parent @param {Series[]} series @param {string} title */
export function drawStack(parent, series, title) {
  const { layers, most } = stacked(series);
  draw(parent, title, most, layers.map(({ name, from, to }) => {
    const step = width / Math.max(to.length, 1);
    const line = (/** @type {number[]} */ values) => values.flatMap((value, index) => {
      const y = height - (height * value) / most;
      return [[index * step, y], [(index + 1) * step, y]];
    });
    const way = [...line(to), ...line(from).reverse()].map(([x, y]) => `${x?.toFixed(1)} ${y?.toFixed(1)}`);
    return shape("path", { class: name, d: `M${way.join("L")}Z` });
  }));
}

/** @param {HTMLElement} parent @param {Series[]} series @param {string} title */
export function drawBars(parent, series, title) {
  const { layers, most } = stacked(series);
  draw(parent, title, most, layers.flatMap(({ name, from, to }) => {
    const step = width / Math.max(to.length, 1);
    return to.flatMap((top, index) => {
      const bottom = from[index] ?? 0;
      if (top === bottom) return [];
      return [shape("rect", { class: name, x: (index * step + 0.5).toFixed(1), width: (step - 1).toFixed(1),
        y: (height - (height * top) / most).toFixed(1), height: ((height * (top - bottom)) / most).toFixed(1) })];
    });
  }));
}

/** @param {HTMLElement} parent @param {string} title @param {number} most @param {Node[]} shapes */
function draw(parent, title, most, shapes) {
  const picture = shape("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${title}, at most ${countText(most)}` });
  picture.append(...shapes);
  parent.replaceChildren(element("p", { class: "axis" }, element("span", {}, title),
    element("span", { class: "number" }, `${countText(most)}`)), picture);
}

/** @param {HTMLElement} parent @param {PlotFigures} figures @param {number} points */
export function drawTimes(parent, figures, points) {
  const isLong = figures.width * points > 86_400_000;
  parent.replaceChildren(...[0, 0.5, 1].map((part) => {
    const at = figures.since + part * points * figures.width;
    return element("span", {}, isLong ? timeText(at).slice(5, 16) : hourText(at));
  }));
}
