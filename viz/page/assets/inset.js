// Insets: a part of the graph, drawn in the place of its box: cell → card → scalars.

import { SVG, all, byId } from "../../web/assets/dom.js";
import { paint } from "./paint.js";
import { makePicture, saidBy } from "./picture.js";
import { describe } from "./spoken.js";
import { glideTo, measureInto } from "./zoom.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Box, BoxBinding, Inset, ViewData } from "./types.js" */

const ROOM = 14, HEAD = 22, NEAR = 0.6;

/**
 * Whether there is a drawing of the scalars in a box.
 * @param {App} app
 * @param {BoxBinding} box
 */
export const opens = (app, box) => box.key in app.data.insets;

/**
 * Open the scalars of a card, a layer or a box in its place.
 * @param {App} app
 * @param {BoxBinding} box
 */
export function openScalars(app, box) {
  const made = new DOMParser().parseFromString(app.data.insets[box.key].svg, "image/svg+xml").documentElement;
  const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(made, true)));
  return open(app, box.group, box.key, svg, { level: "inset", prefix: app.data.insets[box.key].prefix, boxes: [] });
}

/** @param {App} app */
const cardView = (app) => app.data.views.find(({ level }) => level === "cards");

/**
 * The card of the unit that a cell of a layer belongs to, where it is drawn at another level: its key.
 * @param {App} app
 * @param {number} index a node
 */
export function cardOf(app, index) {
  const view = cardView(app), bound = app.picture.nodes[index];
  if (!view || !bound || !bound.cell || app.picture.view === view) return undefined;
  return cardsOf(app, view).get(index);
}

/** @type {WeakMap<ViewData, Map<number, string>>} */
const CARDS = new WeakMap();

/**
 * The card that shows a scalar.
 * @param {App} app
 * @param {ViewData} view
 */
function cardsOf(app, view) {
  let found = CARDS.get(view);
  if (!found) {
    CARDS.set(view, found = new Map());
    for (const { key } of view.boxes || []) {
      for (const shown of all("[data-shows]", byId(`${view.prefix}-n-${key}`))) {
        const node = app.picture.places.get(saidBy(shown).key);
        if (node !== undefined && !found.has(node)) found.set(node, key);
      }
    }
  }
  return found;
}

/**
 * Open the card of a unit at its cell.
 * @param {App} app
 * @param {number} index a node
 */
export function openCard(app, index) {
  const view = cardView(app), key = cardOf(app, index), { group } = app.picture.nodes[index];
  if (!view || key === undefined || !group) throw new Error(`node ${index} is in no card`);
  const prefix = `${view.prefix}-inset`, drawn = byId(`${view.prefix}-n-${key}`), svg = document.createElementNS(SVG, "svg");
  const card = /** @type {SVGGElement} */ (/** @type {unknown} */ (drawn.cloneNode(true)));
  card.id = `${prefix}-n-${key}`;
  svg.setAttribute("class", view.prefix); // the same style
  svg.append(card);
  return open(app, group, key, svg, { ...view, level: "inset", prefix });
}

/**
 * @param {App} app
 * @param {SVGGraphicsElement} place what it opens at
 * @param {string} key
 * @param {SVGSVGElement} svg
 * @param {ViewData} view
 * @returns {Inset}
 */
function open(app, place, key, svg, view) {
  const known = app.insets.find((inset) => inset.key === `${view.level} ${view.prefix} ${key}`);
  if (known) return known;
  const frame = document.createElementNS(SVG, "g"), ground = document.createElementNS(SVG, "rect"), at = standing(app, place);
  frame.setAttribute("class", "inset");
  frame.append(ground, svg, closeButton());
  app.picture.svg.append(frame);
  svg.querySelectorAll("g.legend, rect.background, title, desc").forEach((each) => { if (each.parentNode === svg || each.matches("g.legend")) each.remove(); });
  svg.removeAttribute("role");
  const box = svg.getBBox(), size = { width: box.width + 2 * ROOM, height: box.height + 2 * ROOM + HEAD };
  const scale = Math.min(1, app.picture.full.width / size.width), [wide, tall] = [size.width * scale, size.height * scale];
  const x = Math.max(0, Math.min(at.x, app.picture.full.width - wide)), y = Math.max(0, Math.min(at.y, Math.max(0, app.picture.full.height - tall)));
  put(svg, { viewBox: `${box.x} ${box.y} ${box.width} ${box.height}`, x: x + ROOM * scale, y: y + (ROOM + HEAD) * scale, width: box.width * scale, height: box.height * scale });
  put(ground, { class: "inset-ground", x, y, width: wide, height: tall, rx: 12 });
  const button = /** @type {SVGGElement} */ (frame.querySelector(".inset-close"));
  put(button, { transform: `translate(${x + 6},${y + 5})` });
  const picture = makePicture(app.graph, view, svg), inset = { picture, frame, key: `${view.level} ${view.prefix} ${key}` };
  measureInto(picture);
  app.insets.push(inset);
  app.ink(svg, view.prefix);
  paint(picture, app.graph, app.step, true);
  describe(picture, app.graph, app.step);
  const end = () => closeInset(app, inset);
  button.addEventListener("pointerdown", (event) => event.stopPropagation());
  button.addEventListener("click", end);
  button.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); end(); } });
  if (app.picture.sightline.scale * scale < NEAR) glideTo(app.picture, { x, y, width: wide, height: tall });
  return inset;
}

/**
 * @param {App} app
 * @param {Inset} inset
 */
export function closeInset(app, inset) {
  inset.frame.remove();
  app.insets = app.insets.filter((each) => each !== inset);
}

/** @param {App} app */
export function closeInsets(app) {
  for (const inset of app.insets) closeInset(app, inset);
}

function closeButton() {
  const button = document.createElementNS(SVG, "g"), ground = document.createElementNS(SVG, "rect"), cross = document.createElementNS(SVG, "path");
  put(button, { class: "inset-close", tabindex: 0, role: "button", "aria-label": tell("Close") });
  put(ground, { width: 18, height: 18, rx: 5 });
  put(cross, { d: "M5 5l8 8M13 5l-8 8" });
  button.append(ground, cross);
  return button;
}

/**
 * @param {Element} element
 * @param {Record<string, string | number>} attributes
 */
function put(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * The position of an element of the drawing or of an inset, in the drawing's coordinates.
 * @param {App} app
 * @param {SVGGraphicsElement} element
 * @returns {Box}
 */
function standing(app, element) {
  const box = element.getBoundingClientRect(), stage = app.picture.stageElement.getBoundingClientRect(), { x, y, scale } = app.picture.sightline;
  return { x: x + (box.left - stage.left) / scale, y: y + (box.top - stage.top) / scale, width: box.width / scale, height: box.height / scale };
}
