// Drawing on canvases, in the palette of the page's style sheet.

import { oddsOf, shareOfWinner, surety, winner } from "./network.js";
import { clamp } from "./plane.js";

/** @import { Colour, Figure, Ink, LayerView, Network, PointSet } from "./types.js" */

const CLASS_COLOURS = ["--heat-low", "--heat-high", "--gradient", "--function-stroke", "--violet", "--muted"];
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
const scratch = document.createElement("canvas");

/**
 * Cells of colour, spread smoothly over a square of the context.
 * @param {CanvasRenderingContext2D} context
 * @param {number} cells
 * @param {(i: number) => Colour} colourOf
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export function paintCells(context, cells, colourOf, x, y, width, height) {
  scratch.width = scratch.height = cells;
  const small = scratch.getContext("2d", { willReadFrequently: true }), image = small.createImageData(cells, cells), pixels = image.data;
  for (let i = 0, at = 0; i < cells * cells; i++) {
    const colour = colourOf(i);
    pixels[at++] = colour[0]; pixels[at++] = colour[1]; pixels[at++] = colour[2]; pixels[at++] = 255;
  }
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(scratch, x, y, width, height);
}

/**
 * The colour of each cell by the class that wins there, deeper where it is surer.
 * @param {Network} network
 * @param {Ink} ink
 * @param {Float64Array} out
 * @param {number} n
 * @returns {(i: number) => Colour}
 */
export function decisionColours(network, ink, out, n) {
  if (network.classes === 2) {
    const odds = oddsOf(network, out, n), [low, high] = ink.shades;
    return (i) => {
      const level = surety(network, odds[i]);
      return level !== level ? low[0] : (level < 0 ? low : high)[Math.round(Math.abs(level) * LEVELS)];
    };
  }
  return (i) => {
    const [best] = winner(network, out, n, i);
    return ink.shades[best][Math.round(shareOfWinner(network, out, n, i, best) * LEVELS)];
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
  const corners = [0, 4, 3, 4, 5, 10][label] || 6, turn = label === 3 ? Math.PI / 4 : 0;
  const size = r * [1, 1.32, 1.4, 1.25, 1.25, 1.5][label];
  for (let i = 0; i < corners; i++) {
    const angle = turn - Math.PI / 2 + (2 * Math.PI * i) / corners, reach = label === 5 && i % 2 ? size * 0.5 : size;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  context.closePath();
}

/**
 * Marks of points; `right` tells which are answered rightly: a wrong one has a dark outline.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number[]} labels
 * @param {(i: number) => number[]} place
 * @param {number} r
 * @param {boolean[] | null} [right]
 * @param {boolean} [hollow]
 */
export function paintMarks(context, ink, labels, place, r, right, hollow = false) {
  context.lineJoin = "round";
  for (const wrong of [false, true]) {
    for (let i = 0; i < labels.length; i++) {
      if (Boolean(right && !right[i]) !== wrong) continue;
      const [x, y] = place(i);
      if (!Number.isFinite(x + y)) continue;
      markPath(context, labels[i], x, y, r);
      context.lineWidth = hollow ? 1 : wrong ? r * 0.42 : Math.min(1.1, r * 0.34);
      context.strokeStyle = hollow ? ink.classes[labels[i]] : wrong ? ink.text : ink.background;
      if (!hollow) { context.fillStyle = ink.classes[labels[i]]; context.fill(); }
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
 * The window of a layer's picture: its centre, and half its width and height. Of a stretched layer
 * each direction fills the picture, since the two differ in spread, often by much.
 * @param {Figure} layer
 * @param {Float64Array[]} sets
 * @returns {number[]}
 */
function windowOf(layer, sets) {
  if (layer.bounded && layer.units === 2) return [0, 0, 1.13, 1.13];
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const seen of sets) {
    for (let i = 0; i < seen.length; i += 2) {
      if (!Number.isFinite(seen[i] + seen[i + 1])) continue;
      left = Math.min(left, seen[i]); right = Math.max(right, seen[i]);
      bottom = Math.min(bottom, seen[i + 1]); top = Math.max(top, seen[i + 1]);
    }
  }
  if (left > right) return [0, 0, 1, 1];
  const wide = 0.57 * Math.max(right - left, 1e-9), high = 0.57 * Math.max(top - bottom, 1e-9), both = Math.max(wide, high);
  return [(left + right) / 2, (bottom + top) / 2, ...(layer.stretched ? [wide, high] : [both, both])];
}

/**
 * One layer: the plane's grid as the layer bends it, and the points; `ghost` is another epoch's.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number} size
 * @param {Figure} layer
 * @param {LayerView} view
 * @param {PointSet} set
 * @param {boolean[]} right
 * @param {LayerView | undefined | ""} ghost
 */
export function paintLayer(context, ink, size, layer, view, set, right, ghost) {
  const points = view.points, seen = ghost ? [points, ghost.points] : [points];
  const [x, y, wide, high] = windowOf(layer, points.length ? seen : [view.grid]);
  const place = (values) => (i) => [((values[2 * i] - x) / wide + 1) * size / 2, (1 - (values[2 * i + 1] - y) / high) * size / 2];
  if (ghost) paintGrid(context, place(ghost.grid), view.lines, view.steps, ink.edge, 0.28, [3, 3]);
  paintGrid(context, place(view.grid), view.lines, view.steps, ink.edge, 0.6);
  if (view.border) {
    const [a, b, c] = view.border, far = 4 * Math.max(wide, high);
    const ends = Math.abs(b) > Math.abs(a)
      ? [x - far, -(c + a * (x - far)) / b, x + far, -(c + a * (x + far)) / b]
      : [-(c + b * (y - far)) / a, y - far, -(c + b * (y + far)) / a, y + far];
    const at = place(ends);
    paintSegments(context, [...at(0), ...at(1)], 1, ink.text, 1.3, [6, 4]);
  }
  const spread = layer.units === 1 ? (i) => ((i * 0.61803) % 1 - 0.5) * size * 0.24 : () => 0;
  const marks = (values) => { const at = place(values); return (i) => { const [u, v] = at(i); return [u, v + spread(i)]; }; };
  if (ghost) { context.globalAlpha = 0.55; paintMarks(context, ink, set.labels, marks(ghost.points), 2.2, null, true); context.globalAlpha = 1; }
  paintMarks(context, ink, set.labels, marks(points), clamp(size / 72, 2.2, 3.4), right);
}

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
