// Drawing on canvases, in the palette of the page's style sheet.

import { oddsOf, shareOfWinner, surety, winner } from "./decision.js";
import { clamp, column } from "./plane.js";
import { contextOf } from "../../web/assets/dom.js";

/** @import { Colour, Ink, Network } from "./types.js" */

const CLASS_COLOURS = ["--heat-low", "--heat-high", "--gradient", "--function-stroke", "--violet", "--muted", "--gold", "--value-text", "--pink", "--edge"];
const LEVELS = 128;

/**
 * The colours of canvases, read again when the theme changes.
 * @returns {Ink}
 */
export function inkOf() {
  const style = getComputedStyle(document.documentElement);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const rgb = (/** @type {string} */ colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const middle = rgb(read("--heat-middle")), ground = rgb(read("--background"));
  const scale = (/** @type {Colour} */ from, /** @type {Colour} */ end) => Array.from({ length: LEVELS + 1 }, (_, i) => from.map((c, k) => Math.round(c + ((end[k] - c) * i) / LEVELS)));
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
  const context = contextOf(canvas, { willReadFrequently: width < 200 }); // small: faster without the graphics card
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
 * @param {number} [rows] as many as columns where nothing is said
 */
export function paintCells(context, cells, colourOf, x, y, width, height, hard = false, rows = cells) {
  scratch ||= document.createElement("canvas");
  scratch.width = cells;
  scratch.height = rows;
  const small = contextOf(scratch, { willReadFrequently: true }), image = small.createImageData(cells, rows), pixels = image.data;
  for (let i = 0, at = 0; i < cells * rows; i++) {
    const colour = colourOf(i);
    pixels[at++] = colour[0]; pixels[at++] = colour[1]; pixels[at++] = colour[2]; pixels[at++] = 255;
  }
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = !hard;
  context.imageSmoothingQuality = "high";
  context.drawImage(scratch, x, y, width, height);
}

/**
 * The colour of each cell by its most probable class, more intense where that is more probable.
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
 * The output of one unit over the plane, as signed heat; on the range of a bounded unit, else up to the largest value.
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
