// Showing the state: every part of the page that depends on it, as time permits.

import { paintLayer } from "./bent.js";
import { layCards, paintNumbers, paintTiles } from "./cards.js";
import { layChart, pointChart } from "./curves.js";
import { cornersOf } from "./decision.js";
import { fitted } from "./draw.js";
import { coloursOf, paintPlane } from "./ground.js";
import { paintMarks } from "./marks.js";
import { outputsOf } from "./network.js";
import { clamp } from "./plane.js";
import { showReading } from "./reading.js";
import { epochOf, measured, nowOf, viewsOf, widened } from "./state.js";
import { byId, inputById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Film, LayerView, Now } from "./types.js" */

/** Milliseconds: what a frame may take in all, so that there are thirty a second and time for the reader's input. */
const FRAME = 24;
/** Milliseconds for the parts besides the plane: at least, and at most. */
const LEAST = 1, MOST = 12;
const TILES = 12;

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
 * Draw the plane in every frame; other parts alternately while something moves, as time permits, else all. The browser
 * works on a frame after its scripts as well: the time for the parts follows what the last frame took in all.
 * @param {Film} app
 */
function paint(app) {
  const { network, theta } = app, begun = performance.now(), outputs = outputsOf(network, app.plane, theta);
  const now = nowOf(app);
  paintPlane(app, outputs, now);
  const parts = partsOf(app, outputs, now), ready = performance.now();
  app.turn = app.playing ? app.turn % parts.length : 0;
  for (let done = 0; done < parts.length && (!app.playing || performance.now() - ready < app.budget); done++) {
    parts[app.turn]();
    app.turn = (app.turn + 1) % parts.length;
  }
  setTimeout(() => { app.budget = clamp(app.budget * (performance.now() - begun > FRAME ? 0.8 : 1.1), LEAST, MOST); });
}

/**
 * The parts besides the plane, a function for each part that is slow to paint.
 * @param {Film} app
 * @param {Float64Array} outputs
 * @param {Now} now
 * @returns {(() => void)[]}
 */
function partsOf(app, outputs, now) {
  const { theta, ink, ghost } = app, facts = measured(app);
  /** @type {LayerView[] | undefined} */
  let views;
  const layers = app.layers.map(({ layer, canvas }, i) => () => {
    const size = canvas.clientWidth;
    views ??= viewsOf(app, theta);
    if (app.trainer) app.windows[i] = widened(app.windows[i], views[i].points) || app.windows[i];
    paintLayer(fitted(canvas, size, size), ink, size, { layer, view: views[i], frame: app.windows[i], colours: coloursOf(app, app.set), labels: app.set.labels, right: now.right, ghost: app.compare && ghost ? ghost.views[i] : undefined, corners: layer.activation === "shares" ? cornersOf(layer.units) : [] });
  });
  const curves = () => {
    if (app.trainer) layCurves(app);
    const loss = document.querySelector(".loss span");
    if (loss) loss.textContent = Number.isFinite(facts.loss) ? number(Number(facts.loss.toPrecision(3))) : "–";
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
    card.tiles.forEach(({ button }, unit) => button.setAttribute("aria-pressed", String(app.latched !== undefined && app.latched.join() === `${card.depth},${unit}`)));
  }
  show(app);
}
