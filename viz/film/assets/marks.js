// The marks of points: a shape for each class, a dark outline for a wrong output, hollow for a held-out point.

import { contextOf } from "../../web/assets/dom.js";

/** @import { Ink } from "./types.js" */

const MANY = 300, MOST_STAMPS = 2400, MOST_SHEETS = 8;

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
 * Marks of points; `right` tells whose output is right: a wrong one has a dark outline. Held-out points are hollow.
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number[]} labels
 * @param {(i: number) => number[]} place
 * @param {number} r
 * @param {{ colourOf: (i: number) => string, right?: boolean[], hollow?: boolean }} options
 */
export function paintMarks(context, ink, labels, place, r, { colourOf, right, hollow = false }) {
  context.lineJoin = "round";
  const many = labels.length > MANY ? sheetFor(context) : undefined;
  for (const wrong of [false, true]) {
    for (let i = 0; i < labels.length; i++) {
      if (Boolean(right && !right[i]) !== wrong) continue;
      const [x, y] = place(i);
      if (!Number.isFinite(x + y)) continue;
      if (many) press(many, ink, labels[i], x, y, r, colourOf(i), wrong, hollow); else paintMark(context, ink, labels[i], x, y, r, colourOf(i), wrong, hollow);
    }
  }
  if (many) lift(context, many);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number} label
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {string} colour
 * @param {boolean} wrong
 * @param {boolean} hollow
 */
function paintMark(context, ink, label, x, y, r, colour, wrong, hollow) {
  markPath(context, label, x, y, r);
  if (hollow) {
    context.fillStyle = ink.background;
    context.fill();
    context.lineWidth = r * 0.5;
    context.strokeStyle = colour;
    context.stroke();
    if (!wrong) return;
    markPath(context, label, x, y, r * 1.35);
    context.lineWidth = 1;
    context.strokeStyle = ink.text;
  } else {
    context.lineWidth = wrong ? r * 0.42 : Math.min(1.1, r * 0.34);
    context.strokeStyle = wrong ? ink.text : ink.background;
    context.fillStyle = colour;
    context.fill();
  }
  context.stroke();
}

// ---------------------------------------------------------------- thousands of marks

// A mark is drawn once for each style. Its pixels are then copied to a transparent sheet of the canvas's size, and the
// sheet is laid over the canvas: a path, or an image of its own, for each point would take most of a frame.

/** @typedef {{ canvas: HTMLCanvasElement, image: ImageData, pixels: Uint32Array, ratio: number }} Sheet */
/** @typedef {{ across: Int16Array, down: Int16Array, bytes: Uint8Array, pixels: Uint32Array }} Stamp the pixels that are not empty, from the centre */

/** @type {Map<string, Sheet>} */
const sheets = new Map();
/** @type {Map<string, Stamp>} */
const stamps = new Map();

/**
 * An empty sheet.
 * @param {CanvasRenderingContext2D} context
 * @returns {Sheet}
 */
function sheetFor(context) {
  const { width, height } = context.canvas, key = `${width} ${height}`;
  let sheet = sheets.get(key);
  if (!sheet) {
    if (sheets.size > MOST_SHEETS) sheets.clear();
    const canvas = Object.assign(document.createElement("canvas"), { width, height }), image = new ImageData(width, height);
    sheets.set(key, sheet = { canvas, image, pixels: new Uint32Array(image.data.buffer), ratio: 1 });
  }
  sheet.pixels.fill(0);
  sheet.ratio = context.getTransform().a;
  return sheet;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Sheet} sheet
 */
function lift(context, { canvas, image, ratio }) {
  contextOf(canvas, { willReadFrequently: true }).putImageData(image, 0, 0);
  context.drawImage(canvas, 0, 0, canvas.width / ratio, canvas.height / ratio);
}

/**
 * Copy a mark to the sheet, to half a pixel, over what is there.
 * @param {Sheet} sheet
 * @param {Ink} ink
 * @param {number} label
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {string} colour
 * @param {boolean} wrong
 * @param {boolean} hollow
 */
function press({ image, pixels, ratio }, ink, label, x, y, r, colour, wrong, hollow) {
  const [across, down] = [Math.round(2 * x * ratio) / 2, Math.round(2 * y * ratio) / 2], [left, top] = [Math.floor(across), Math.floor(down)];
  const stamp = stampOf(ink, label, across - left, down - top, r, colour, wrong, hollow, ratio), { width, height, data } = image;
  for (let at = 0; at < stamp.pixels.length; at++) {
    const column = left + stamp.across[at], row = top + stamp.down[at];
    if (column < 0 || row < 0 || column >= width || row >= height) continue;
    const to = row * width + column, above = stamp.bytes[4 * at + 3], below = data[4 * to + 3] * (1 - above / 255);
    if (!below) { pixels[to] = stamp.pixels[at]; continue; }
    for (let k = 0; k < 3; k++) data[4 * to + k] = (stamp.bytes[4 * at + k] * above + data[4 * to + k] * below) / (above + below);
    data[4 * to + 3] = above + below;
  }
}

/**
 * The pixels of a mark with its centre in the middle, or half a pixel after it.
 * @param {Ink} ink
 * @param {number} label
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {string} colour
 * @param {boolean} wrong
 * @param {boolean} hollow
 * @param {number} ratio
 * @returns {Stamp}
 */
function stampOf(ink, label, x, y, r, colour, wrong, hollow, ratio) {
  const key = `${label} ${x} ${y} ${r} ${colour} ${wrong} ${hollow} ${ink.background} ${ratio}`;
  let stamp = stamps.get(key);
  if (!stamp) {
    if (stamps.size > MOST_STAMPS) stamps.clear();
    const half = Math.ceil((2 * r + 2) * ratio), side = 2 * half, own = contextOf(Object.assign(document.createElement("canvas"), { width: side, height: side }));
    own.scale(ratio, ratio);
    own.lineJoin = "round";
    paintMark(own, ink, label, (half + x) / ratio, (half + y) / ratio, r, colour, wrong, hollow);
    const all = new Uint32Array(own.getImageData(0, 0, side, side).data.buffer), used = [...all.keys()].filter((at) => all[at]);
    const pixels = Uint32Array.from(used, (at) => all[at]), across = Int16Array.from(used, (at) => (at % side) - half), down = Int16Array.from(used, (at) => Math.floor(at / side) - half);
    stamps.set(key, stamp = { across, down, pixels, bytes: new Uint8Array(pixels.buffer) });
  }
  return stamp;
}
