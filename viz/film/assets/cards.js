// The network as cards: weights and gradients as cells, and the output of each unit over the plane.

import { css, fitted, glow, heat, paintCells, unitColours } from "./draw.js";
import { clamp, column } from "./plane.js";
import { element } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { Card, Colour, Hold, Ink, Layer, Network } from "./types.js" */

/** @type {[number, number]} */
const ROW = [15, 42];
/** @type {[number, number]} */
const CELL = [5, 28];
const GAP = 3, MOST = 64;

/**
 * Cards from left to right, one per layer, with a band between them. `hold` shows a unit large.
 * @param {HTMLElement} box
 * @param {Network} network
 * @param {Hold} hold
 * @returns {Card[]}
 */
export function makeCards(box, network, hold) {
  /** @type {Card[]} */
  const cards = [], { layers } = network;
  if (!layers.length) return cards;
  box.append(inputsOf(layers[0].inputs));
  layers.forEach((layer, depth) => {
    box.append(element("div", "band"));
    const card = makeCard(layer, depth, hold);
    cards.push(card);
    box.append(card.root);
  });
  box.append(element("div", "band"), element("div", "loss", element("b", "", "L"), element("span", "", "")));
  return cards;
}

/** @param {number} count */
function inputsOf(count) {
  const shown = count <= 6 ? Array.from({ length: count }, (_, i) => element("span", "input", "x", element("sub", "", String(i + 1)))) : [element("span", "input", String(count))];
  return element("div", "inputs", ...shown);
}

/**
 * @param {Layer} layer
 * @param {number} depth
 * @param {Hold} hold
 * @returns {Card}
 */
function makeCard(layer, depth, hold) {
  const units = Math.min(layer.units, MOST), root = element("div", "layer-card");
  const name = `${layer.inputs} → ${layer.units} · ${layer.activation}`;
  const title = element("h3", "", element("span", "hidden", tell("Layer {place}: ", { place: depth + 1 })), name);
  const weights = cellsOf(tell("Weights and biases of layer {place}", { place: depth + 1 })), gradients = cellsOf(tell("Gradients of layer {place}", { place: depth + 1 }));
  const tiles = Array.from({ length: units }, (_, unit) => {
    const canvas = document.createElement("canvas");
    const button = element("button", "tile", canvas);
    button.type = "button";
    button.setAttribute("aria-label", tell("Layer {place}, unit {unit}: show it on the plane", { place: depth + 1, unit: unit + 1 }));
    button.setAttribute("aria-pressed", "false");
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => hold.look(depth, unit));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => hold.look());
    button.addEventListener("click", () => hold.toggle(depth, unit));
    return { button, canvas };
  });
  const heads = ["W, b", "|∂|", tell("sees")].map((text, i) => element("span", `head ${["forward", "gradient", "muted"][i]}`, text));
  const tower = element("div", "tiles", ...tiles.map((tile) => tile.button));
  root.append(title, element("div", "matrix", ...heads, weights, gradients, tower));
  if (layer.units > MOST) root.append(element("p", "quiet", tell("the first {shown} of {count} units", { shown: MOST, count: layer.units })));
  return { root, layer, depth, units, weights, gradients, tiles, column: tower, pitch: 20, cell: 12 };
}

/** @param {string} label */
function cellsOf(label) {
  const canvas = document.createElement("canvas");
  canvas.className = "cells";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}

/**
 * Sizes that fit the room there is: rows as high as their number allows, cells as wide.
 * @param {HTMLElement} box
 * @param {Card[]} cards
 * @param {number} width
 */
export function layCards(box, cards, width) {
  const stacked = width < 640, columns = cards.map((card) => 2 * (card.layer.inputs + 1));
  const most = Math.max(...cards.map((card) => card.units), 1);
  const pitch = clamp(Math.floor(380 / most), ...ROW);
  const fixed = pitch + 68;
  const room = stacked
    ? Math.min(...cards.map((_, i) => (width - fixed) / columns[i]))
    : (width - 190 - cards.reduce((sum) => sum + fixed + 34, 0)) / columns.reduce((sum, each) => sum + each, 0);
  const cell = clamp(Math.floor(room), ...CELL);
  box.classList.toggle("stacked", stacked);
  for (const card of cards) {
    card.pitch = pitch;
    card.cell = cell;
    card.column.style.rowGap = `${GAP}px`;
    for (const { button } of card.tiles) button.style.width = button.style.height = `${pitch - GAP}px`;
  }
  layBands(box, stacked);
}

/**
 * A band is as high as the cards it joins: its sides are cut to the shape of the smaller.
 * @param {HTMLElement} box
 * @param {boolean} stacked
 */
function layBands(box, stacked) {
  const children = /** @type {HTMLElement[]} */ ([...box.children]), parts = children.filter((part) => !part.classList.contains("band"));
  const bands = children.filter((part) => part.classList.contains("band"));
  bands.forEach((band, i) => {
    if (stacked) { band.style.clipPath = ""; band.style.height = ""; return; }
    const [left, right] = [parts[i].offsetHeight, parts[i + 1].offsetHeight].map((height) => height - 24), high = Math.max(left, right);
    const edge = (/** @type {number} */ height) => (100 * (high - height)) / high / 2;
    band.style.height = `${high}px`;
    const [a, b] = [edge(left), edge(right)], across = Array.from({ length: 17 }, (_, k) => k / 16), depth = (/** @type {number} */ x) => a + (b - a) * x * x * (3 - 2 * x);
    const upper = across.map((x) => `${100 * x}% ${depth(x)}%`), lower = across.map((x) => `${100 * x}% ${100 - depth(x)}%`).reverse();
    band.style.clipPath = `polygon(${[...upper, ...lower].join(",")})`;
  });
}

const MANY_CELLS = 400;

/**
 * Paint the cells of a card: of theta, and of its gradient.
 * @param {Card} card
 * @param {Ink} ink
 * @param {Float64Array} theta
 * @param {Float64Array | undefined} gradient
 * @param {{ weight: number, gradient: number }} scales
 */
export function paintNumbers(card, ink, theta, gradient, scales) {
  const { layer, units, pitch, cell } = card, columns = layer.inputs + 1;
  const paint = (/** @type {HTMLCanvasElement} */ canvas, /** @type {(place: number) => Colour} */ colourOf) => {
    const context = fitted(canvas, columns * cell + 4, units * pitch - GAP);
    canvas.style.width = `${columns * cell + 4}px`;
    canvas.style.height = `${units * pitch - GAP}px`;
    if (columns * units > MANY_CELLS) { // one image: a path for each cell would be slow
      const colours = (/** @type {number} */ i) => { const place = placeOf(layer, Math.floor(i / columns), i % columns); return place < 0 ? ink.glow[0] : colourOf(place); };
      paintCells(context, columns, colours, 0, 0, columns * cell, units * pitch, true, units);
      return;
    }
    const gap = cell > 8 ? 2 : 1;
    for (let unit = 0; unit < units; unit++) {
      for (let j = 0; j < columns; j++) {
        const place = placeOf(layer, unit, j);
        context.fillStyle = place < 0 ? ink.background : css(colourOf(place));
        context.beginPath();
        context.roundRect(j * cell + (j === columns - 1 ? 4 : 0), unit * pitch, cell - gap, pitch - GAP, Math.min(2.5, cell / 4));
        context.fill();
      }
    }
  };
  paint(card.weights, (place) => heat(ink.heat, theta[place] / scales.weight));
  if (gradient) paint(card.gradients, (place) => glow(ink, gradient[place], scales.gradient));
}

/**
 * Paint the outputs of the units `from` … `to` over the plane.
 * @param {Card} card
 * @param {Ink} ink
 * @param {Float64Array} out
 * @param {number} cells
 * @param {number} from
 * @param {number} to
 */
export function paintTiles(card, ink, out, cells, from, to) {
  const n = cells * cells, side = card.pitch - GAP, { layer } = card;
  for (let unit = from; unit < to; unit++) {
    const { canvas } = card.tiles[unit], context = fitted(canvas, side, side);
    canvas.style.width = canvas.style.height = `${side}px`;
    const colourOf = unitColours(ink.heat, column(out, layer.at + unit, n), layer.bounded);
    paintCells(context, cells / 2, (i) => colourOf(coarse(i, cells)), 0, 0, side, side);
  }
}

/**
 * Every second cell of every second row, because a tile is small.
 * @param {number} i
 * @param {number} cells
 */
function coarse(i, cells) {
  const half = cells / 2, row = Math.floor(i / half);
  return 2 * (row * cells + (i - row * half));
}

/**
 * The index in theta of a cell: weights from left to right, then the bias; −1 where it is not trained.
 * @param {Layer} layer
 * @param {number} unit
 * @param {number} j
 */
const placeOf = (layer, unit, j) => (j < layer.inputs ? layer.weights[unit][j] : layer.biases[unit]);

/**
 * The number of a cell under the pointer, in words.
 * @param {Card} card
 * @param {number} x
 * @param {number} y
 * @returns {{ place: number, words: string } | undefined}
 */
export function cellAt(card, x, y) {
  const { layer, pitch, cell, units, depth } = card, j = Math.min(layer.inputs, Math.floor(x / cell)), unit = Math.floor(y / pitch);
  if (x < 0 || j > layer.inputs || unit < 0 || unit >= units) return undefined;
  const source = depth ? tell("unit {unit}", { unit: j + 1 }) : `x${"₁₂₃₄₅₆₇₈₉"[j] || j + 1}`;
  const place = placeOf(layer, unit, j), what = j === layer.inputs ? tell("bias of unit {unit}", { unit: unit + 1 }) : tell("weight from {source} to unit {unit}", { source, unit: unit + 1 });
  return { place, words: tell("layer {place}, {what}", { place: depth + 1, what }) };
}
