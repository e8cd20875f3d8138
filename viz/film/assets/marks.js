// The marks of points: a shape for each class, a dark outline for a wrong output, hollow for a held-out point.

/** @import { Ink } from "./types.js" */

const MANY = 300, MOST_STAMPS = 600;

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
  const put = labels.length > MANY ? stamp : paintMark;
  for (const wrong of [false, true]) {
    for (let i = 0; i < labels.length; i++) {
      if (Boolean(right && !right[i]) !== wrong) continue;
      const [x, y] = place(i);
      if (Number.isFinite(x + y)) put(context, ink, labels[i], x, y, r, colourOf(i), wrong, hollow);
    }
  }
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

/** @type {Map<string, HTMLCanvasElement>} */
const stamps = new Map();

/** A mark: drawn once for each style, then copied, which is faster than a path for each point. */
/** @type {typeof paintMark} */
function stamp(context, ink, label, x, y, r, colour, wrong, hollow) {
  const ratio = context.getTransform().a, half = Math.ceil(2 * r + 2), key = `${label} ${r} ${colour} ${wrong} ${hollow} ${ink.background} ${ratio}`;
  let made = stamps.get(key);
  if (!made) {
    if (stamps.size > MOST_STAMPS) stamps.clear();
    stamps.set(key, made = document.createElement("canvas"));
    made.width = made.height = 2 * half * ratio;
    const own = made.getContext("2d");
    own.scale(ratio, ratio);
    own.lineJoin = "round";
    paintMark(own, ink, label, half, half, r, colour, wrong, hollow);
  }
  context.drawImage(made, x - half, y - half, 2 * half, 2 * half);
}
