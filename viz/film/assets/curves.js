// Curves over the epochs: loss and accuracy, a cursor, and the epochs trained in the playground.

import { clamp, ticks } from "./plane.js";
import { SVG } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Chart, ChartData, Curve, Facts, Network } from "./types.js" */

const MARGIN = { left: 46, right: 12, top: 24, bottom: 36 }, CHART = 182;

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Both charts, empty: `resize` lays them out, `show` moves the cursor.
 * @param {HTMLElement} box
 * @param {Network} network
 * @param {(epoch: number) => void} jump
 */
export function makeCurves(box, network, jump) {
  const { history } = network;
  /** @type {ChartData[]} */
  const kinds = [
    { name: "loss", title: tell("Loss"), xs: history.epoch, ys: history.loss, held: history.validation_loss },
    { name: "accuracy", title: tell("Accuracy"), xs: history.epoch, ys: history.accuracy, held: history.validation_accuracy },
  ];
  const told = (/** @type {Curve} */ ys) => ys.some((y) => y !== null);
  const charts = kinds.filter(({ name, ys }) => name === "loss" || told(ys) || (!history.epoch.length && !network.regression)).map((kind) => makeChart(kind, network, jump, told(kind.held)));
  box.append(...charts.map((chart) => chart.svg));
  return { charts, live: [] };
}

/**
 * Where frames are dense at the start, the axis of epochs is logarithmic.
 * @param {number[]} epochs
 */
function logarithmic(epochs) {
  const gaps = epochs.slice(1).map((epoch, i) => epoch - epochs[i]);
  return gaps.length > 3 && gaps[gaps.length - 1] > 4 * gaps[0];
}

/** The axes of a chart before it is laid out for a width. */
const UNLAID = { x: () => 0, y: () => 0, epochAt: () => 0 };

/**
 * @param {ChartData} kind
 * @param {Network} network
 * @param {(epoch: number) => void} jump
 * @param {boolean} held
 * @returns {Chart}
 */
function makeChart(kind, network, jump, held) {
  const id = `curve-${kind.name}`;
  const svg = /** @type {SVGSVGElement} */ (drawn("svg", { class: "chart", role: "img", "aria-labelledby": `${id}-title`, height: CHART }));
  const title = drawn("title", { id: `${id}-title` });
  title.textContent = tell("{title} over {count} epochs", { title: kind.title, count: network.epochs[network.epochs.length - 1] });
  const cut = drawn("rect", { x: 0, y: 0, height: CHART, width: 0 });
  const parts = {
    axes: drawn("g", { class: "axes" }), all: drawn("path", { class: "all" }),
    held: drawn("path", { class: "held" }), done: drawn("path", { class: "done", "clip-path": `url(#${id}-cut)` }),
    live: drawn("path", { class: "live" }), pin: drawn("line", { class: "pin" }),
    cursor: drawn("line", { class: "cursor" }), dot: drawn("circle", { class: "dot", r: 4 }),
  };
  svg.append(title, drawn("defs", {}, drawn("clipPath", { id: `${id}-cut` }, cut)), ...Object.values(parts));
  /** @type {Chart} */
  const chart = { ...kind, ...UNLAID, svg, cut, parts, network, hasHeld: held, log: logarithmic(network.epochs), logY: false };
  const go = (/** @type {PointerEvent} */ event) => {
    const { left } = svg.getBoundingClientRect();
    jump(chart.epochAt(event.clientX - left));
  };
  svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); go(event); });
  svg.addEventListener("pointermove", (event) => { if (event.buttons) go(event); });
  return chart;
}

/**
 * Lay a chart out for a width; `last` and `live` extend it where the playground trained further.
 * @param {Chart} chart
 * @param {number} width
 * @param {Facts[]} live
 */
export function layChart(chart, width, live) {
  const { network, parts } = chart, epochs = network.epochs, last = Math.max(epochs[epochs.length - 1], ...live.slice(-1).map((row) => row.epoch), 1);
  const first = chart.log ? 0.8 : 0, shown = [...chart.ys, ...(chart.hasHeld ? chart.held : []), ...live.map((row) => row[chart.name])].flatMap((y) => (y !== null && Number.isFinite(y) ? y : []));
  let low = Math.min(...shown), high = Math.max(...shown);
  chart.logY = chart.name === "loss" && low > 0 && high > 20 * low;
  if (chart.name === "accuracy") { high = 1; low = Math.min(low, 0.5); }
  else if (!chart.logY) low = Math.min(0, low);
  if (!(high > low)) high = low + 1;
  const [bottom, top] = chart.logY ? [Math.log10(low), Math.log10(high)] : [low, high];
  const wide = width - MARGIN.left - MARGIN.right, tall = CHART - MARGIN.top - MARGIN.bottom;
  const along = (/** @type {number} */ epoch) => (chart.log ? Math.log(Math.max(epoch, first) / first) / Math.log(last / first) : epoch / last);
  chart.x = (epoch) => MARGIN.left + wide * along(epoch);
  chart.y = (value) => MARGIN.top + tall * (1 - clamp(((chart.logY ? Math.log10(value) : value) - bottom) / (top - bottom), -0.05, 1.05));
  chart.epochAt = (x) => {
    const share = clamp((x - MARGIN.left) / wide, 0, 1);
    return chart.log ? first * (last / first) ** share : last * share;
  };
  chart.svg.setAttribute("width", String(width));
  chart.svg.setAttribute("viewBox", `0 0 ${width} ${CHART}`);
  parts.axes.replaceChildren(...axes(chart, width, last, bottom, top));
  const path = pathOf(chart, chart.xs, chart.ys);
  parts.all.setAttribute("d", path);
  parts.done.setAttribute("d", path);
  parts.held.setAttribute("d", chart.hasHeld ? pathOf(chart, chart.xs, chart.held) : "");
  parts.live.setAttribute("d", pathOf(chart, live.map((row) => row.epoch), live.map((row) => row[chart.name])));
}

/**
 * @param {Chart} chart
 * @param {number[]} xs
 * @param {Curve} ys
 */
function pathOf(chart, xs, ys) {
  let path = "", pen = "M";
  ys.forEach((y, i) => {
    if (y === null || !Number.isFinite(y)) return;
    path += `${pen}${chart.x(xs[i]).toFixed(1)},${chart.y(y).toFixed(1)}`;
    pen = "L";
  });
  return path;
}

/**
 * @param {Chart} chart
 * @param {number} width
 * @param {number} last
 * @param {number} bottom
 * @param {number} top
 */
function axes(chart, width, last, bottom, top) {
  const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {"start" | "middle" | "end"} */ anchor, /** @type {string} */ words, className = "") => {
    const made = drawn("text", { x, y, "text-anchor": anchor, class: className });
    made.textContent = words;
    return made;
  };
  /** @type {[number, string][]} */
  const heights = chart.logY
    ? decades(bottom, top).map((power) => [10 ** power, number(10 ** power)])
    : ticks(bottom, top, 3).map((y) => [y, chart.name === "accuracy" ? `${Math.round(100 * y)} %` : number(y)]);
  const floor = CHART - MARGIN.bottom;
  const lines = heights.flatMap(([y, words]) => [
    drawn("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: chart.y(y), y2: chart.y(y) }),
    text(MARGIN.left - 7, chart.y(y) + 4, "end", words),
  ]);
  const marks = chart.log ? [1, 10, 100, 1000, 10000, 100000].filter((epoch) => chart.x(epoch) < chart.x(last) - 42) : ticks(0, last, width < 300 ? 3 : 5);
  lines.push(...marks.map((epoch) => text(chart.x(epoch), floor + 15, "middle", epoch.toLocaleString("en"))));
  if (chart.log) lines.push(text(width - MARGIN.right, floor + 15, "end", last.toLocaleString("en")));
  lines.push(text(MARGIN.left, 13, "start", `${chart.title}${chart.logY ? tell(" (log scale)") : ""}`, "name"));
  lines.push(text((MARGIN.left + width - MARGIN.right) / 2, floor + 28, "middle", tell("epoch") + (chart.log ? tell(" (log scale)") : "")));
  if (chart.hasHeld) lines.push(text(width - MARGIN.right, 13, "end", "- - validation"));
  return lines;
}

/**
 * Powers of ten within the range, every second or third where there are many.
 * @param {number} bottom
 * @param {number} top
 */
function decades(bottom, top) {
  const powers = [], step = Math.ceil((Math.floor(top) - Math.ceil(bottom) + 1) / 4) || 1;
  for (let power = Math.ceil(bottom); power <= top; power += step) powers.push(power);
  return powers.length ? powers : [bottom, top];
}

/**
 * Move the cursor to an epoch and its measured row; `pinned` is the other epoch compared with.
 * @param {Chart} chart
 * @param {number} epoch
 * @param {Facts} row
 * @param {number | undefined} pinned
 */
export function pointChart(chart, epoch, row, pinned) {
  const x = chart.x(epoch), value = row[chart.name], { cursor, dot, pin } = chart.parts;
  chart.cut.setAttribute("width", String(Math.max(0, x)));
  const place = (/** @type {SVGElement} */ element, /** @type {Record<string, number>} */ numbers) => { for (const [name, each] of Object.entries(numbers)) element.setAttribute(name, String(each)); };
  const upright = (/** @type {number} */ x1) => ({ x1, x2: x1, y1: MARGIN.top - 4, y2: CHART - MARGIN.bottom });
  place(cursor, upright(x));
  place(pin, upright(pinned === undefined ? -9 : chart.x(pinned)));
  place(dot, Number.isFinite(value) ? { cx: x, cy: chart.y(value) } : { cx: -9, cy: -9 });
}
