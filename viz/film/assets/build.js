// Building the page for a network: figures, cards, curves, legend and table.

import { makeCards } from "./cards.js";
import { makeCurves } from "./curves.js";
import { go } from "./play.js";
import { latch, look } from "./show.js";
import { figuresOf, fixWindows, layPlane } from "./state.js";
import { all, byId, element, inputById, selectById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Figure, Film, Network } from "./types.js" */

/**
 * Show a network: the recorded one, or one that was built here. `app.set`, `classes` and `extents` are set before.
 * @param {Film} app
 * @param {Network} network
 */
export function buildFor(app, network) {
  app.network = network;
  app.figures = figuresOf(network);
  app.trainer = app.now = app.looked = app.latched = app.ghost = undefined;
  app.compare = selectById("compare").value = "";
  app.theta = network.frames[0];
  app.frame = 0;
  app.live = [];
  app.scales = { weight: largestWeight(network), gradient: 1 };
  layPlane(app);
  fixWindows(app);
  byId("subtitle").textContent = network.recipe ? `${[network.recipe.features.length, ...network.layers.map((layer) => layer.title)].join(" → ")} · ${tell("{count} parameters", { count: network.parameters })} · ${tell("{count} points", { count: app.set.labels.length })}` : app.data.subtitle;
  inputById("epochs").max = String(network.epochs.length - 1);
  for (const id of ["layers", "curves", "cards", "scales", "legend", "brushes", "table"]) byId(id).replaceChildren(...all("legend", byId(id)));
  const before = network.figures.length - network.layers.length;
  app.layers = app.figures.map((layer, i) => makeFigure(byId("layers"), layer, i - before, Boolean(network.recipe)));
  byId("layers-section").hidden = !app.figures.length;
  byId("network-section").hidden = !network.layers.length;
  app.curves = makeCurves(byId("curves"), network, (epoch) => go(app, nearest(network.epochs, epoch)));
  app.cards = makeCards(byId("cards"), network, { look: (...at) => look(app, at), toggle: (...at) => latch(app, at) });
  byId("cards").classList.toggle("without-gradients", !network.gradient);
  byId("scales").append(
    scaleOf("weights", `${tell("value")} ${number(Number((-app.scales.weight).toPrecision(3)))} … ${number(Number(app.scales.weight.toPrecision(3)))}`),
    ...(network.gradient ? [scaleOf("glow", "")] : []),
    element("span", "quiet", tell("a unit’s picture: what it answers over the plane; hover or press to see it large")),
  );
  makeLegend(app);
  fillTable(network);
  app.listenToCells();
}

/**
 * One colour scale of values for the whole film, which covers all but the largest weights.
 * @param {Network} network
 */
function largestWeight(network) {
  const sizes = network.frames.flatMap((theta) => Array.from(theta, Math.abs)).filter(Number.isFinite).sort((a, b) => a - b);
  return Math.max(sizes[Math.floor(0.98 * (sizes.length - 1))] || 0, 1e-12);
}

/**
 * @param {string} kind
 * @param {string} words
 */
const scaleOf = (kind, words) => element("span", "scale", element("i", kind), element("span", `${kind}-words`, words));

/**
 * @param {HTMLElement} box
 * @param {Figure} layer
 * @param {number} depth
 * @param {boolean} recipe built here
 */
function makeFigure(box, layer, depth, recipe) {
  const shares = layer.activation === "shares", name = shares ? tell("output") : depth < 0 ? layer.title : `${depth + 1} · ${layer.title}`;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  const note = shares ? (layer.units === 2 ? tell("on the line y₁ + y₂ = 1; dashed: equal shares") : tell("a corner for each class: there its share is 1"))
    : layer.activation.endsWith("softmax") && layer.units === 2 ? tell("its scores; dashed where they are equal")
      : layer.units > 2 ? (recipe ? tell("its first two units") : tell("two directions of widest spread at the last epoch")) : layer.units === 1 ? tell("one unit, spread upright to be seen") : "";
  const caption = element("figcaption", "", element("b", "", name), ...(note ? [element("span", "quiet", note)] : []));
  canvas.setAttribute("aria-label", tell("{name}: the points and the plane’s grid as bent there, in a window fixed over the run", { name }));
  box.append(element("figure", "", canvas, caption));
  return { layer, canvas };
}

/**
 * Classes by their marks, drawn as on the plane, in the legend and on the brushes.
 * @param {Film} app
 */
function makeLegend(app) {
  app.marks = [];
  const mark = (/** @type {number} */ label) => {
    const canvas = document.createElement("canvas");
    canvas.className = "mark";
    canvas.setAttribute("aria-hidden", "true");
    app.marks.push([canvas, label]);
    return canvas;
  };
  app.brush = 0;
  app.classes.forEach((name, label) => {
    byId("legend").append(element("span", "", mark(label), element("bdi", "", name)));
    const input = Object.assign(element("input"), { type: "radio", name: "brush", value: String(label), checked: label === 0 });
    input.addEventListener("change", () => { app.brush = label; });
    byId("brushes").append(element("label", "", input, element("span", "", mark(label), element("bdi", "", name))));
  });
  const { regression, decision } = app.network;
  if (regression) {
    const [low, high] = [decision.middle - decision.half, decision.middle + decision.half].map((x) => number(Number(x.toPrecision(3))));
    byId("legend").append(element("span", "scale", element("i", "weights"), `${low} … ${high}`), element("span", "quiet", tell("a point: the number asked for; behind it: the answer")));
  } else byId("legend").append(element("span", "quiet", tell("strong outline: answered wrong")));
  byId("legend").append(element("span", "quiet held-legend", tell("hollow: held out")));
  byId("brushes").hidden = regression;
  byId("brush-value").hidden = !regression;
}

/** @param {Network} network */
function fillTable({ epochs, history }) {
  const body = element("tbody"), cell = (/** @type {number | null | undefined} */ x, scale = 1, unit = "") => element("td", "", x === null || x === undefined ? "–" : number(x * scale) + unit);
  for (const epoch of epochs) {
    const at = history.epoch.indexOf(epoch);
    const name = Object.assign(element("th", "", epoch.toLocaleString("en")), { scope: "row" });
    body.append(element("tr", "", name, cell(history.loss[at]), cell(history.accuracy[at], 100, " %")));
  }
  const head = element("tr", "", ...[tell("epoch"), tell("loss"), tell("accuracy")].map((name) => Object.assign(element("th", "", name), { scope: "col" })));
  byId("table").append(element("table", "", element("thead", "", head), body));
}

/**
 * @param {number[]} epochs
 * @param {number} epoch
 */
const nearest = (epochs, epoch) => epochs.reduce((best, each, i) => (Math.abs(each - epoch) < Math.abs(epochs[best] - epoch) ? i : best), 0);
