// The plane: the decisions of the network as colours, the boundary, the points, and the cross for keys.

import { boundaryOf } from "./decision.js";
import { css, decisionColours, fitted, heat, paintCells, paintSegments, unitColours } from "./draw.js";
import { paintMarks } from "./marks.js";
import { clamp, column } from "./plane.js";
import { discrete, standing } from "./state.js";
import { canvasById } from "../../web/assets/dom.js";

/** @import { Film, Ink, Now, PointSet } from "./types.js" */

/**
 * The colours of a set of points: by class, or by target number.
 * @param {Film} app
 * @param {PointSet} set
 * @returns {(i: number) => string}
 */
export function coloursOf(app, set) {
  const { network, ink } = app, { middle, half } = network.decision;
  if (!network.regression) return (i) => ink.classes[set.labels[i]];
  return (i) => css(heat(ink.heat, (set.values[i] - middle) / (half || 1)));
}

/**
 * @param {Film} app
 * @param {Float64Array} outputs
 * @param {Now} now
 */
export function paintPlane(app, outputs, now) {
  const canvas = canvasById("plane"), { network, ink, cells, extent, ghost } = app, size = canvas.clientWidth, context = fitted(canvas, size, size), n = cells * cells, step = size / (cells - 1);
  const seen = app.looked || app.latched, curve = network.inputs === 1 && network.regression;
  const fill = (/** @type {Float64Array} */ out, /** @type {() => number[]} */ boundary) => {
    if (curve) { paintCurve(context, app, out, size); return; }
    const layer = seen && network.layers[seen[0]];
    const colours = seen && layer ? unitColours(ink.shades, column(out, layer.at + seen[1], n), layer.bounded) : decisionColours(network, ink, out, n, discrete());
    paintCells(context, cells, colours, -step / 2, -step / 2, step * cells, step * cells, discrete() && !seen);
    if (!seen) paintSegments(context, boundary(), step, ink.text, network.regression ? 0.8 : 1.6);
  };
  fill(outputs, () => boundaryOf(network, outputs, cells));
  if (ghost && app.compare === "split") {
    context.save();
    context.beginPath();
    context.rect(0, 0, size * app.split, size);
    context.clip();
    context.clearRect(0, 0, size, size);
    fill(ghost.outputs, () => ghost.boundary);
    context.restore();
    paintSegments(context, [app.split * size, 0, app.split * size, size], 1, ink.background, 4);
    paintSegments(context, [app.split * size, 0, app.split * size, size], 1, ink.stroke, 2);
  } else if (ghost && app.compare === "ghost" && !seen) paintSegments(context, ghost.boundary, step, ink.text, 1.3, [2, 4]);
  const [across, up] = [size / (extent[1] - extent[0]), size / (extent[3] - extent[2])], r = clamp(size / 112, 2.8, 4.4);
  const placeIn = (/** @type {PointSet} */ set) => (/** @type {number} */ i) => { const [x, y] = standing(app, set, i); return [(x - extent[0]) * across, (extent[3] - y) * up]; };
  if (app.held) paintMarks(context, ink, app.held.labels, placeIn(app.held), r * 0.95, { colourOf: coloursOf(app, app.held), right: now.heldRight, hollow: true });
  paintMarks(context, ink, app.set.labels, placeIn(app.set), r, { colourOf: coloursOf(app, app.set), right: now.right });
  if (app.cross) paintCross(context, ink, app.cross, size);
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
 * @param {number[]} cross
 * @param {number} size
 */
function paintCross(context, ink, cross, size) {
  const [x, y] = cross.map((share) => share * size);
  paintSegments(context, [x - 12, y, x - 5, y, x + 5, y, x + 12, y, x, y - 12, x, y - 5, x, y + 5, x, y + 12], 1, ink.text, 1.6);
}
