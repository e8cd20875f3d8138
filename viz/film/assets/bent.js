// A layer in its window: the image of the plane's grid under the layer, the points, and the axes.

import { paintSegments } from "./draw.js";
import { paintMarks } from "./marks.js";
import { clamp, ticks } from "./plane.js";
import { number } from "../../web/assets/numbers.js";

/** @import { Ink, LayerPicture } from "./types.js" */

/**
 * Draw one layer in its window: the image of the plane's grid, the points, and the axes.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number} size
 * @param {LayerPicture} picture
 */
export function paintLayer(context, ink, size, { layer, view, frame, colours, labels, right, ghost, corners }) {
  const [x, y, wide, high] = frame, { points } = view;
  const at = (/** @type {number} */ u, /** @type {number} */ v) => [((u - x) / wide + 1) * size / 2, (1 - (v - y) / high) * size / 2];
  const place = (/** @type {ArrayLike<number>} */ values) => (/** @type {number} */ i) => at(values[2 * i], values[2 * i + 1]);
  if (corners.length > 2) paintPolygon(context, ink, size, corners.map(([u, v]) => at(u, v)));
  else paintAxes(context, ink, size, frame, at, layer.units === 1);
  if (ghost) paintGrid(context, place(ghost.grid), view.lines, view.steps, ink.edge, 0.28, [3, 3]);
  paintGrid(context, place(view.grid), view.lines, view.steps, ink.edge, 0.6);
  if (corners.length === 2) paintSegments(context, [...at(1, 0), ...at(0, 1)], 1, ink.muted, 1.2);
  if (view.border) {
    const [a, b, c] = view.border, far = 4 * Math.max(wide, high);
    const ends = Math.abs(b) > Math.abs(a)
      ? [x - far, -(c + a * (x - far)) / b, x + far, -(c + a * (x + far)) / b]
      : [-(c + b * (y - far)) / a, y - far, -(c + b * (y + far)) / a, y + far];
    paintSegments(context, [...at(ends[0], ends[1]), ...at(ends[2], ends[3])], 1, ink.text, 1.3, [6, 4]);
  }
  const spread = layer.units === 1 ? (/** @type {number} */ i) => ((i * 0.61803) % 1 - 0.5) * size * 0.24 : () => 0;
  const marks = (/** @type {ArrayLike<number>} */ values) => { const put = place(values); return (/** @type {number} */ i) => { const [u, v] = put(i); return [u, v + spread(i)]; }; };
  if (ghost && ghost.points.length === points.length) { context.globalAlpha = 0.5; paintMarks(context, ink, labels, marks(ghost.points), 2.2, { colourOf: colours, hollow: true }); context.globalAlpha = 1; }
  paintMarks(context, ink, labels, marks(points), clamp(size / 72, 2.2, 3.4), { colourOf: colours, right });
}

/**
 * The lines through 0, and a few numbers along the left and the lower side.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number} size
 * @param {number[]} frame
 * @param {(u: number, v: number) => number[]} at
 * @param {boolean} level only one direction means something
 */
function paintAxes(context, ink, size, [x, y, wide, high], at, level) {
  const across = ticks(x - wide, x + wide, 3), up = level ? [] : ticks(y - high, y + high, 3), [zeroX, zeroY] = at(0, 0);
  paintSegments(context, [...(Math.abs(x) < wide ? [zeroX, 0, zeroX, size] : []), ...(Math.abs(y) < high && !level ? [0, zeroY, size, zeroY] : [])], 1, ink.edge, 0.5);
  paintSegments(context, [...across.flatMap((u) => { const [px] = at(u, y); return [px, size - 4, px, size]; }), ...up.flatMap((v) => { const [, py] = at(x, v); return [0, py, 4, py]; })], 1, ink.muted, 1);
  context.fillStyle = ink.muted;
  context.font = "10px sans-serif";
  context.textAlign = "center";
  for (const u of across) { const [px] = at(u, y); if (px > 14 && px < size - 14) context.fillText(number(u), px, size - 7); }
  context.textAlign = "left";
  for (const v of up) { const [, py] = at(x, v); if (py > 10 && py < size - 20) context.fillText(number(v), 6, py + 3); }
}

/**
 * The probabilities of three or more classes: a corner for each class.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number} size
 * @param {number[][]} corners
 */
function paintPolygon(context, ink, size, corners) {
  paintSegments(context, corners.flatMap((corner, k) => [...corner, ...corners[(k + 1) % corners.length]]), 1, ink.edge, 1);
  context.font = "11px sans-serif";
  context.textAlign = "center";
  corners.forEach(([px, py], k) => {
    context.fillStyle = ink.classes[k];
    context.fillText(`y${subscript(k + 1)}`, clamp(px + (px - size / 2) * 0.1, 10, size - 10), clamp(py + (py - size / 2) * 0.1 + 4, 11, size - 4));
  });
}

const subscript = (/** @type {number} */ n) => [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");

/**
 * @param {CanvasRenderingContext2D} context
 * @param {(i: number) => number[]} place
 * @param {number} lines
 * @param {number} steps
 * @param {string} colour
 * @param {number} alpha
 * @param {number[]} [dash]
 */
function paintGrid(context, place, lines, steps, colour, alpha, dash = []) {
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = 0.8;
  context.setLineDash(dash);
  context.beginPath();
  for (let line = 0; line < 2 * lines; line++) {
    for (let step = 0; step < steps; step++) {
      const [x, y] = place(line * steps + step);
      if (step) context.lineTo(x, y); else context.moveTo(x, y);
    }
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}
