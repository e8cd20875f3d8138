// Drawing on canvases, in the palette of the page's style sheet.

import { column, oddsOf, shareOfWinner, surety, winner } from "./network.js";
import { clamp, ticks } from "./plane.js";
import { number } from "../../web/assets/numbers.js";

/** @import { Colour, Ink, LayerPicture, Network } from "./types.js" */

const CLASS_COLOURS = ["--heat-low", "--heat-high", "--gradient", "--function-stroke", "--violet", "--muted", "--gold", "--value-text", "--pink", "--edge"];
const LEVELS = 128;

/**
 * The colours that canvases need, read anew when the theme changes.
 * @returns {Ink}
 */
export function inkOf() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const middle = rgb(read("--heat-middle")), ground = rgb(read("--background"));
  const scale = (from, end) => Array.from({ length: LEVELS + 1 }, (_, i) => from.map((c, k) => Math.round(c + ((end[k] - c) * i) / LEVELS)));
  const classes = CLASS_COLOURS.map(read);
  return {
    background: read("--background"), text: read("--value-text"), muted: read("--muted"), edge: read("--edge"),
    middle: read("--heat-middle"), stroke: read("--value-stroke"), classes,
    pale: [scale(middle, softened(rgb(read("--heat-low")), ground)), scale(middle, softened(rgb(read("--heat-high")), ground))],
    heat: [scale(middle, rgb(read("--heat-low"))), scale(middle, rgb(read("--heat-high")))],
    glow: scale(middle, rgb(read("--heat-gradient"))),
    // Under the points the colours are paler, so that the points stand out.
    shades: classes.map((colour) => scale(middle, softened(rgb(colour), ground))),
  };
}

/**
 * @param {number[]} colour
 * @param {number[]} ground
 * @returns {Colour}
 */
const softened = (colour, ground) => colour.map((c, k) => c + (ground[k] - c) * 0.36);

/** @param {Colour} colour */
export const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

/**
 * A signed number in [−1, 1] as heat: orange, grey, blue.
 * @param {Colour[][]} scales
 * @param {number} x
 * @returns {Colour}
 */
export function heat([low, high], x) {
  if (!Number.isFinite(x)) return low[0];
  return (x < 0 ? low : high)[Math.round(clamp(Math.abs(x), 0, 1) * LEVELS)];
}

/**
 * The size of a gradient as heat, on three decades below the largest.
 * @param {Ink} ink
 * @param {number} x
 * @param {number} largest
 * @returns {Colour}
 */
export function glow(ink, x, largest) {
  const share = x === 0 || !Number.isFinite(x) ? 0 : clamp(1 + Math.log10(Math.abs(x) / largest) / 3, 0, 1);
  return ink.glow[Math.round(share * LEVELS)];
}

/**
 * Fit a canvas to its box and to the pixels of the screen; return its context in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
export function fitted(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 3), wide = Math.round(width * ratio), high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
  const context = canvas.getContext("2d", { willReadFrequently: width < 200 }); // small: quicker without the graphics card
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
/** @type {HTMLCanvasElement | undefined} made when first drawn on: a worker has no document */
let scratch;

/**
 * Cells of colour, spread smoothly over a square of the context.
 * @param {CanvasRenderingContext2D} context
 * @param {number} cells
 * @param {(i: number) => Colour} colourOf
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {boolean} [hard] cells with edges
 */
export function paintCells(context, cells, colourOf, x, y, width, height, hard = false) {
  scratch ||= document.createElement("canvas");
  scratch.width = scratch.height = cells;
  const small = scratch.getContext("2d", { willReadFrequently: true }), image = small.createImageData(cells, cells), pixels = image.data;
  for (let i = 0, at = 0; i < cells * cells; i++) {
    const colour = colourOf(i);
    pixels[at++] = colour[0]; pixels[at++] = colour[1]; pixels[at++] = colour[2]; pixels[at++] = 255;
  }
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = !hard;
  context.imageSmoothingQuality = "high";
  context.drawImage(scratch, x, y, width, height);
}

/**
 * The colour of each cell by the class that wins there, deeper where it is surer.
 * @param {Network} network
 * @param {Ink} ink
 * @param {Float64Array} out
 * @param {number} n
 * @param {boolean} flat without shades
 * @returns {(i: number) => Colour}
 */
export function decisionColours(network, ink, out, n, flat) {
  if (network.regression) {
    const { at, middle, half } = network.decision, answers = column(out, at, n);
    return (i) => heat(ink.pale, flat ? Math.round((answers[i] - middle) / (half || 1) * 4) / 4 : (answers[i] - middle) / (half || 1));
  }
  if (network.classes === 2) {
    const odds = oddsOf(network, out, n), [low, high] = ink.shades;
    return (i) => {
      const sure = surety(network, odds[i]), level = flat ? Math.sign(sure) * 0.75 : sure;
      return level !== level ? low[0] : (level < 0 ? low : high)[Math.round(Math.abs(level) * LEVELS)];
    };
  }
  return (i) => {
    const [best] = winner(network, out, n, i);
    return ink.shades[best][Math.round((flat ? 0.75 : shareOfWinner(network, out, n, i, best)) * LEVELS)];
  };
}

/**
 * What one unit answers over the plane, as signed heat; a bounded unit on its own scale, another on its largest.
 * @param {Colour[][]} scales
 * @param {Float64Array} values
 * @param {boolean} bounded
 * @returns {(i: number) => Colour}
 */
export function unitColours(scales, values, bounded) {
  let largest = bounded ? 1 : 1e-12;
  if (!bounded) for (const x of values) if (Math.abs(x) > largest) largest = Math.abs(x);
  return (i) => heat(scales, values[i] / largest);
}

/**
 * The outline of a class's mark around (x, y): circle, diamond, triangle, square, pentagon, star.
 * @param {CanvasRenderingContext2D} context
 * @param {number} label
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
function markPath(context, label, x, y, r) {
  context.beginPath();
  if (label === 0) { context.arc(x, y, r, 0, 2 * Math.PI); return; }
  const kind = label % 6, corners = [0, 4, 3, 4, 5, 10][kind] || 6, turn = kind === 3 ? Math.PI / 4 : 0;
  const size = r * [1.2, 1.32, 1.4, 1.25, 1.25, 1.5][kind];
  for (let i = 0; i < corners; i++) {
    const angle = turn - Math.PI / 2 + (2 * Math.PI * i) / corners, reach = kind === 5 && i % 2 ? size * 0.5 : size;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  context.closePath();
}

/**
 * Marks of points; `right` tells which are answered rightly: a wrong one has a dark outline. Hollow ones are held out.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number[]} labels
 * @param {(i: number) => number[]} place
 * @param {number} r
 * @param {{ colourOf: (i: number) => string, right?: boolean[], hollow?: boolean }} options
 */
export function paintMarks(context, ink, labels, place, r, { colourOf, right, hollow = false }) {
  context.lineJoin = "round";
  for (const wrong of [false, true]) {
    for (let i = 0; i < labels.length; i++) {
      if (Boolean(right && !right[i]) !== wrong) continue;
      const [x, y] = place(i);
      if (!Number.isFinite(x + y)) continue;
      markPath(context, labels[i], x, y, r);
      if (hollow) {
        context.fillStyle = ink.background;
        context.fill();
        context.lineWidth = r * 0.5;
        context.strokeStyle = colourOf(i);
        context.stroke();
        if (!wrong) continue;
        markPath(context, labels[i], x, y, r * 1.35);
        context.lineWidth = 1;
        context.strokeStyle = ink.text;
      } else {
        context.lineWidth = wrong ? r * 0.42 : Math.min(1.1, r * 0.34);
        context.strokeStyle = wrong ? ink.text : ink.background;
        context.fillStyle = colourOf(i);
        context.fill();
      }
      context.stroke();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} segments
 * @param {number} scale
 * @param {string} colour
 * @param {number} width
 * @param {number[]} [dash]
 */
export function paintSegments(context, segments, scale, colour, width, dash = []) {
  context.beginPath();
  for (let i = 0; i < segments.length; i += 4) {
    context.moveTo(segments[i] * scale, segments[i + 1] * scale);
    context.lineTo(segments[i + 2] * scale, segments[i + 3] * scale);
  }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = "round";
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/**
 * One layer in its window: the plane's grid as the layer bends it, the points, and what the axes measure.
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
 * The shares of three classes or more: a corner for each.
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
