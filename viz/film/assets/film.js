// The page: one state, and what is shown of it.

import { makeCards } from "./cards.js";
import { makeCurves } from "./curves.js";
import { inkOf } from "./draw.js";
import { listen, readKnobs } from "./input.js";
import { makeNetwork, measure, outputsOf } from "./network.js";
import { choicesOf } from "./optimizers.js";
import { gridLines, lattice, unpacked } from "./plane.js";
import { go } from "./play.js";
import { makeSet } from "./points.js";
import { latch, lay, look } from "./show.js";
import { LINES, SMALL, STEPS, batchSizes, measured } from "./state.js";
import { buttonById, byId, element, inputById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";

/** @import { Figure, Film, FilmData, Forward, GradientSum, Network, PointSet } from "./types.js" */

/**
 * @param {Forward} forward
 * @param {GradientSum | null} gradient
 */
export function start(forward, gradient) {
  const data = JSON.parse(byId("data").textContent), network = makeNetwork(data, forward, gradient);
  const cells = data.parameters > SMALL ? 48 : 80; // a large network is computed at fewer points
  const recorded = makeSet(unpacked(data.points), data.labels);
  /** @type {Film} */
  const app = {
    data, network, recorded, set: recorded, frame: 0, playing: false, clock: 0, owed: 0, trainer: undefined,
    compare: "", pinned: undefined, ghost: undefined, split: 0.5, looked: undefined, latched: undefined, brush: 0, cross: undefined,
    theta: network.frames[0], live: [], drawn: 0, ink: inkOf(), cells, plane: lattice(data.extent, cells), grid: gridLines(data.extent, LINES, STEPS),
    settings: { rate: data.optimizer.lr, batch: recorded.labels.length, penalty: 0, optimizer: undefined }, choices: [],
    scales: undefined, layers: [], curves: undefined, cards: [], marks: [], now: undefined,
  };
  app.scales = scalesOf(network, recorded);
  build(app);
  listen(app);
  lay(app);
  go(app, network.frames.length - 1);
  document.documentElement.dataset.ready = "true";
  Object.assign(window, { filmPage: doorOf(app) });
}

/**
 * One scale for the whole film: where all but the largest weights are, and the largest gradient at some frames.
 * @param {Network} network
 * @param {PointSet} set
 */
function scalesOf(network, set) {
  const sizes = network.frames.flatMap((theta) => Array.from(theta, Math.abs)).filter(Number.isFinite).sort((a, b) => a - b);
  const weight = Math.max(sizes[Math.floor(0.98 * (sizes.length - 1))] || 0, 1e-12);
  let largest = 1e-300;
  const every = Math.ceil(network.frames.length / 8);
  for (let i = 0; network.gradient && i < network.frames.length; i += every) {
    for (const slope of measure(network, set, network.frames[i]).gradient || []) if (Number.isFinite(slope)) largest = Math.max(largest, Math.abs(slope));
  }
  return { weight, gradient: largest };
}

/**
 * For the console and for tests: exact numbers.
 * @param {Film} app
 */
function doorOf(app) {
  const { network, data } = app;
  return {
    frames: data.epochs.length, epochs: data.epochs,
    go: (frame) => go(app, frame),
    theta: () => Array.from(app.theta),
    outputs: (points, frame) => Array.from(outputsOf(network, Float64Array.from(points.flat()), network.frames[frame])),
    state: () => ({ frame: app.frame, playing: app.playing, compare: app.compare, pinned: app.pinned, points: app.set.labels.length, live: app.live.length, ...measured(app) }),
  };
}

// ---------------------------------------------------------------- building

/** @param {Film} app */
function build(app) {
  const { data, network } = app;
  byId("subtitle").textContent = data.subtitle;
  inputById("epochs").max = String(data.epochs.length - 1);
  inputById("batch").max = String(batchSizes(app).length - 1);
  inputById("rate").value = String(Math.log10(data.optimizer.lr));
  buttonById("mode").hidden = !network.gradient;
  if (data.still) byId("notes").append(element("li", "", `The page cannot train this network: ${data.still}.`));
  fillOptimizers(app);
  const size = data.optimizer.batch || app.recorded.labels.length;
  inputById("batch").value = String(Math.max(0, batchSizes(app).findLastIndex((each) => each <= size)));
  readKnobs(app);
  const before = network.figures.length - network.layers.length;
  app.layers = network.figures.map((layer, i) => makeFigure(byId("layers"), layer, i - before));
  byId("layers-section").hidden = !network.figures.length;
  byId("network-section").hidden = !network.layers.length;
  if (!network.layers.length) byId("notes").append(element("li", "", "No layers were found in this model: only the boundary is shown."));
  app.curves = makeCurves(byId("curves"), data, (epoch) => go(app, nearest(data.epochs, epoch)));
  app.cards = makeCards(byId("cards"), network, { look: (...at) => look(app, at), toggle: (...at) => latch(app, at) });
  byId("cards").classList.toggle("without-gradients", !network.gradient);
  byId("scales").append(
    scaleOf("weights", `value ${number(-app.scales.weight)} … ${number(app.scales.weight)}`),
    ...(network.gradient ? [scaleOf("glow", `|∂ loss| ${number(app.scales.gradient / 1000)} … ${number(app.scales.gradient)}, logarithmic`)] : []),
    element("span", "quiet", "a unit’s picture: what it answers over the plane; hover or press to see it large"),
  );
  makeLegend(app);
  fillTable(data);
}

/**
 * One button per optimiser; the run's own is pressed, with its own settings.
 * @param {Film} app
 */
function fillOptimizers(app) {
  const { kind, options } = app.data.optimizer, { choices, chosen } = choicesOf(kind, options);
  app.choices = choices;
  for (const { name } of choices) {
    const radio = Object.assign(element("input"), { type: "radio", name: "optimizer", value: name, checked: name === (chosen || "SGD") });
    byId("optimizers").append(element("label", "", radio, element("span", "", name)));
  }
  if (!chosen && !app.data.still) byId("notes").append(element("li", "", `The run was trained by ${kind}, an optimiser that this page does not have: it trains on by SGD.`));
}

/**
 * @param {string} kind
 * @param {string} words
 */
function scaleOf(kind, words) {
  return element("span", "scale", element("i", kind), words);
}

/**
 * @param {HTMLElement} box
 * @param {Figure} layer
 * @param {number} depth
 */
function makeFigure(box, layer, depth) {
  const name = depth < 0 ? layer.title : `${depth + 1} · ${layer.title}`;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  const note = layer.activation.endsWith("softmax") && layer.units === 2 ? "its scores; dashed where they are equal"
    : layer.units > 2 ? "two directions of widest spread at the last epoch" : layer.units === 1 ? "one unit, spread upright to be seen" : "";
  const caption = element("figcaption", "", element("b", "", name), ...(note ? [element("span", "quiet", note)] : []));
  canvas.setAttribute("aria-label", `${name}: the points and the plane’s grid as bent there`);
  box.append(element("figure", "", canvas, caption));
  return { layer, canvas };
}

/**
 * Classes by their marks, drawn as on the plane, in the legend and on the brushes.
 * @param {Film} app
 */
function makeLegend(app) {
  app.marks = [];
  const mark = (label) => {
    const canvas = document.createElement("canvas");
    canvas.className = "mark";
    canvas.setAttribute("aria-hidden", "true");
    app.marks.push([canvas, label]);
    return canvas;
  };
  app.data.classes.forEach((name, label) => {
    byId("legend").append(element("span", "", mark(label), element("bdi", "", name)));
    const input = element("input");
    Object.assign(input, { type: "radio", name: "brush", value: label, checked: label === 0 });
    input.addEventListener("change", () => { app.brush = label; });
    byId("brushes").append(element("label", "", input, element("span", "", mark(label), element("bdi", "", name))));
  });
  byId("legend").append(element("span", "quiet", "strong outline: answered wrong"));
}

/** @param {FilmData} data */
function fillTable(data) {
  const { epochs, history } = data, body = element("tbody"), cell = (x, scale = 1, unit = "") => element("td", "", x === null || x === undefined ? "–" : number(x * scale) + unit);
  for (const epoch of epochs) {
    const at = history.epoch.indexOf(epoch);
    const name = Object.assign(element("th", "", epoch.toLocaleString("en")), { scope: "row" });
    body.append(element("tr", "", name, cell(history.loss[at]), cell(history.accuracy[at], 100, " %")));
  }
  const head = element("tr", "", ...["epoch", "loss", "accuracy"].map((name) => Object.assign(element("th", "", name), { scope: "col" })));
  byId("table").append(element("table", "", element("thead", "", head), body));
}

// ---------------------------------------------------------------- state

/**
 * @param {number[]} epochs
 * @param {number} epoch
 */
const nearest = (epochs, epoch) => epochs.reduce((best, each, i) => (Math.abs(each - epoch) < Math.abs(epochs[best] - epoch) ? i : best), 0);
