// The views of the state: the plane, the layers, the cards, the curves, and the words.

import { paintLayer } from "./bent.js";
import { layCards, paintNumbers, paintTiles } from "./cards.js";
import { layChart, pointChart } from "./curves.js";
import { css, decisionColours, fitted, heat, paintCells, paintSegments, unitColours } from "./draw.js";
import { paintMarks } from "./marks.js";
import { boundaryOf, cornersOf } from "./decision.js";
import { outputsOf } from "./network.js";
import { clamp, column } from "./plane.js";
import { discrete, epochOf, inPlayground, measured, standing, viewsOf, widened } from "./state.js";
import { buttonById, byId, canvasById, inputById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Facts, Film, Ink, LayerView, Now, PointSet } from "./types.js" */

const BUDGET = 11, TILES = 12;

/** @param {Film} app */
export function lay(app) {
  layCurves(app);
  if (app.cards.length) layCards(byId("cards"), app.cards, byId("network-section").clientWidth);
  for (const [canvas, label] of app.marks) paintMarks(fitted(canvas, 14, 14), app.ink, [label], () => [7, 7], 4.6, { colourOf: () => app.ink.classes[label] });
}

/** @param {Film} app */
export function layCurves(app) {
  const count = app.curves.charts.length, box = byId("curves").clientWidth, width = box < 460 ? box : (box - 16 * (count - 1)) / count;
  for (const chart of app.curves.charts) layChart(chart, Math.floor(width), app.live);
}

/**
 * Draw at most once a screen frame, however often the state changes.
 * @param {Film} app
 */
export function show(app) {
  showReading(app);
  if (app.drawn) return;
  app.drawn = requestAnimationFrame(() => { app.drawn = 0; paint(app); });
}

/**
 * Draw the plane in every frame; other parts alternately while something moves, as time permits, else all.
 * @param {Film} app
 */
function paint(app) {
  const { network, theta } = app, begun = performance.now(), outputs = outputsOf(network, app.plane, theta);
  measured(app); // so that `now` belongs to these parameters
  paintPlane(app, outputs, app.now);
  const parts = partsOf(app, outputs);
  app.turn = app.playing ? app.turn % parts.length : 0;
  for (let done = 0; done < parts.length && (!app.playing || performance.now() - begun < BUDGET); done++) {
    parts[app.turn]();
    app.turn = (app.turn + 1) % parts.length;
  }
}

/**
 * The parts besides the plane, a function for each part that is slow to paint.
 * @param {Film} app
 * @param {Float64Array} outputs
 * @returns {(() => void)[]}
 */
function partsOf(app, outputs) {
  const { theta, ink, now } = app, facts = measured(app);
  /** @type {LayerView[] | undefined} */
  let views;
  const layers = app.layers.map(({ layer, canvas }, i) => () => {
    const size = canvas.clientWidth;
    views ??= viewsOf(app, theta);
    if (app.trainer) app.windows[i] = widened(app.windows[i], views[i].points) || app.windows[i];
    paintLayer(fitted(canvas, size, size), ink, size, { layer, view: views[i], frame: app.windows[i], colours: coloursOf(app, app.set), labels: app.set.labels, right: now.right, ghost: app.compare ? app.ghost.views[i] : undefined, corners: layer.activation === "shares" ? cornersOf(layer.units) : [] });
  });
  const curves = () => {
    if (app.trainer) layCurves(app);
    if (app.cards.length) document.querySelector(".loss span").textContent = Number.isFinite(facts.loss) ? number(Number(facts.loss.toPrecision(3))) : "–";
    for (const chart of app.curves.charts) pointChart(chart, epochOf(app), facts, app.compare ? app.pinned : undefined);
    if (now.gradient) showScale(app, now.gradient);
  };
  const cards = app.cards.flatMap((card) => [
    () => paintNumbers(card, ink, theta, now.gradient, app.scales),
    ...chunks(card.units, TILES).map(([from, to]) => () => paintTiles(card, ink, outputs, app.cells, from, to)),
  ]);
  return [curves, ...layers, ...cards];
}

/**
 * @param {number} count
 * @param {number} size
 * @returns {[number, number][]}
 */
const chunks = (count, size) => Array.from({ length: Math.ceil(count / size) }, (_, i) => [i * size, Math.min(count, (i + 1) * size)]);

/**
 * The scale of |∂| ends at the current maximum, because gradients late in a run are thousands of times smaller.
 * @param {Film} app
 * @param {Float64Array} gradient
 */
function showScale(app, gradient) {
  let largest = 0;
  for (const slope of gradient) if (Number.isFinite(slope)) largest = Math.max(largest, Math.abs(slope));
  app.scales.gradient = largest || 1e-300;
  const words = document.querySelector(".glow-words");
  if (words) words.textContent = largest ? tell("|∂ loss| {low} … {high} now, logarithmic", { low: number(Number((largest / 1000).toPrecision(2))), high: number(Number(largest.toPrecision(3))) }) : tell("|∂ loss| is 0");
}

/**
 * The colours of a set of points: by class, or by target number.
 * @param {Film} app
 * @param {PointSet} set
 * @returns {(i: number) => string}
 */
function coloursOf(app, set) {
  const { network, ink } = app, { middle, half } = network.decision;
  if (!network.regression) return (i) => ink.classes[set.labels[i]];
  return (i) => css(heat(ink.heat, (set.values[i] - middle) / (half || 1)));
}

/**
 * @param {Film} app
 * @param {Float64Array} outputs
 * @param {Now} now
 */
function paintPlane(app, outputs, now) {
  const canvas = canvasById("plane"), { network, ink, cells, extent } = app, size = canvas.clientWidth, context = fitted(canvas, size, size), n = cells * cells, step = size / (cells - 1);
  const seen = app.looked || app.latched, curve = network.inputs === 1 && network.regression;
  const fill = (/** @type {Float64Array} */ out) => {
    if (curve) { paintCurve(context, app, out, size); return; }
    const layer = seen && network.layers[seen[0]];
    const colours = seen ? unitColours(ink.shades, column(out, layer.at + seen[1], n), layer.bounded) : decisionColours(network, ink, out, n, discrete());
    paintCells(context, cells, colours, -step / 2, -step / 2, step * cells, step * cells, discrete() && !seen);
    if (!seen) paintSegments(context, out === outputs ? boundaryOf(network, out, cells) : app.ghost.boundary, step, ink.text, network.regression ? 0.8 : 1.6);
  };
  fill(outputs);
  if (app.compare === "split") {
    context.save();
    context.beginPath();
    context.rect(0, 0, size * app.split, size);
    context.clip();
    context.clearRect(0, 0, size, size);
    fill(app.ghost.outputs);
    context.restore();
    paintSegments(context, [app.split * size, 0, app.split * size, size], 1, ink.background, 4);
    paintSegments(context, [app.split * size, 0, app.split * size, size], 1, ink.stroke, 2);
  } else if (app.compare === "ghost" && !seen) paintSegments(context, app.ghost.boundary, step, ink.text, 1.3, [2, 4]);
  const [across, up] = [size / (extent[1] - extent[0]), size / (extent[3] - extent[2])], r = clamp(size / 112, 2.8, 4.4);
  const placeIn = (/** @type {PointSet} */ set) => (/** @type {number} */ i) => { const [x, y] = standing(app, set, i); return [(x - extent[0]) * across, (extent[3] - y) * up]; };
  if (app.held) paintMarks(context, ink, app.held.labels, placeIn(app.held), r * 0.95, { colourOf: coloursOf(app, app.held), right: now.heldRight, hollow: true });
  paintMarks(context, ink, app.set.labels, placeIn(app.set), r, { colourOf: coloursOf(app, app.set), right: now.right });
  if (app.cross) paintCross(context, ink, app, size);
}

/**
 * A regression of one input: the output of the network as a curve.
 * @param {CanvasRenderingContext2D} context
 * @param {Film} app
 * @param {Float64Array} out
 * @param {number} size
 */
function paintCurve(context, app, out, size) {
  const { cells, extent, ink, network } = app, answers = column(out, network.decision.at, cells * cells), segments = [];
  const y = (/** @type {number} */ i) => (extent[3] - answers[i]) / (extent[3] - extent[2]) * size;
  for (let i = 0; i + 1 < cells; i++) segments.push(i / (cells - 1) * size, y(i), (i + 1) / (cells - 1) * size, y(i + 1));
  paintSegments(context, segments, 1, ink.stroke, 2.4);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Film} app
 * @param {number} size
 */
function paintCross(context, ink, app, size) {
  const [x, y] = app.cross.map((share) => share * size);
  paintSegments(context, [x - 12, y, x - 5, y, x + 5, y, x + 12, y, x, y - 12, x, y - 5, x, y + 5, x, y + 12], 1, ink.text, 1.6);
}

/** @param {Film} app */
function showReading(app) {
  const facts = measured(app), last = app.network.epochs.length - 1, range = inputById("epochs");
  byId("at").textContent = tell("epoch {epoch}", { epoch: facts.epoch.toLocaleString("en") });
  const told = (/** @type {{ loss: number, accuracy: number }} */ row) => [...(Number.isFinite(row.loss) ? [tell("loss {number}", { number: number(row.loss) })] : []), ...(Number.isFinite(row.accuracy) ? [percent(row.accuracy)] : [])].join(" · ");
  byId("facts").textContent = told(facts);
  const apart = { loss: facts.validation_loss, accuracy: facts.validation_accuracy, epoch: 0 };
  byId("apart").textContent = told(apart) ? tell("held out: {facts}", { facts: told(apart) }) : "";
  range.value = String(app.frame);
  range.style.setProperty("--done", `${last ? (100 * app.frame) / last : 100}%`);
  range.setAttribute("aria-valuetext", `${tell("epoch {epoch}", { epoch: facts.epoch })}, ${told(facts)}`);
  canvasById("plane").setAttribute("aria-label", planeWords(app, facts));
  byId("axis-names").textContent = axisNames(app);
  showCompare(app, facts, told);
  showPlayground(app);
}

/** @param {number} share */
const percent = (share) => tell("{share} % right", { share: (100 * share).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1) });

/**
 * @param {Film} app
 * @param {Facts} facts
 */
function planeWords(app, facts) {
  const drawing = inPlayground() ? tell("; arrow keys move a cross, Enter draws a point") : "";
  const what = app.network.regression ? tell("Answers") : tell("Decision boundary"), right = Number.isFinite(facts.accuracy) ? `, ${percent(facts.accuracy)}` : "";
  return tell("{what} at epoch {epoch} over {count} points", { what, epoch: facts.epoch, count: app.set.labels.length }) + right + drawing;
}

/**
 * @param {Film} app
 * @param {Facts} facts
 * @param {(row: Facts) => string} told
 */
function showCompare(app, facts, told) {
  const on = Boolean(app.compare), mark = byId("pin-mark"), last = app.network.epochs.length - 1;
  buttonById("pin").hidden = !on;
  byId("divider-row").hidden = app.compare !== "split";
  byId("tag-left").hidden = !on;
  byId("tag-right").hidden = app.compare !== "split";
  mark.hidden = !on || app.ghost.frame === undefined;
  if (!on) return;
  byId("tag-left").textContent = app.compare === "split" ? tell("epoch {epoch}", { epoch: app.pinned }) : `${tell("dotted: epoch {epoch}", { epoch: app.pinned })}, ${told(app.ghost.facts)}`;
  byId("tag-right").textContent = tell("epoch {epoch}", { epoch: facts.epoch });
  if (!mark.hidden) mark.style.setProperty("--at", String(last ? app.ghost.frame / last : 0));
}

/** @param {Film} app */
function showPlayground(app) {
  const seen = app.looked || app.latched, trainer = app.trainer, on = inPlayground();
  byId("plane-name").textContent = seen ? tell("Layer {place}, unit {unit}", { place: seen[0] + 1, unit: seen[1] + 1 }) : app.network.regression ? tell("What it answers") : tell("Decision boundary");
  byId("playground").hidden = !on;
  document.body.classList.toggle("training", on);
  document.body.classList.toggle("holding", Boolean(app.held));
  byId("playground-from").textContent = !trainer
    ? tell("trains on from epoch {epoch}", { epoch: app.network.epochs[app.frame].toLocaleString("en") })
    : `${tell("epoch {epoch}", { epoch: app.network.epochs[app.frame].toLocaleString("en") })} + ${trainer.epochs.toLocaleString("en")} · ${trainer.steps === 1 ? tell("1 step") : tell("{count} steps", { count: trainer.steps.toLocaleString("en") })}`;
  byId("warning").textContent = trainer ? tell(trainer.trouble) : "";
  buttonById("rewind").disabled = !trainer;
  buttonById("undo").disabled = buttonById("clear").disabled = !app.set.labels.length;
}

/**
 * The names and ranges of the two axes of the plane.
 * @param {Film} app
 */
function axisNames({ network, inputs, axes, extent }) {
  const called = network.recipe ? ["x₁", "x₂"] : axes.map((axis) => inputs[axis]), [left, right, bottom, top] = extent.map((x) => number(Number(x.toPrecision(3))));
  const up = network.inputs > 1 ? called[1] : network.regression ? tell("what is asked for") : "";
  return `→ ${called[0]}, ${left} … ${right}${up ? `   ↑ ${up}, ${bottom} … ${top}` : ""}`;
}

/**
 * Announce the state to screen readers after a pause or a jump.
 */
export function announce() {
  byId("said").textContent = inputById("epochs").getAttribute("aria-valuetext");
}

/**
 * @param {Film} app
 * @param {number[]} at
 */
export function look(app, at) {
  app.looked = at.length ? at : undefined;
  show(app);
}

/**
 * @param {Film} app
 * @param {number[]} at
 */
export function latch(app, at) {
  app.latched = app.latched && app.latched.join() === at.join() ? undefined : at;
  app.looked = undefined;
  for (const card of app.cards) {
    card.tiles.forEach(({ button }, unit) => button.setAttribute("aria-pressed", String(Boolean(app.latched) && app.latched.join() === `${card.depth},${unit}`)));
  }
  show(app);
}
