// The whole drawing, small, with a frame around the visible part; and a field to search for a node by name.

import { SVG, byId, element, inputById, say } from "../../web/assets/dom.js";
import { applyView, glideTo } from "./zoom.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Graph, GraphNode } from "./types.js" */

/** Nodes above which a drawing has a map and a search. */
export const CROWD = 60;
const MAP = 168;

/**
 * @param {App} app
 */
export function makeMap(app) {
  const map = byId("map");
  byId("search").hidden = app.graph.nodes.length <= CROWD;
  if (app.graph.nodes.length <= CROWD) return;
  const move = (/** @type {PointerEvent} */ event) => {
    const { picture } = app, box = map.getBoundingClientRect(), { scale } = picture.sightline;
    const x = (event.clientX - box.left) / box.width * picture.full.width, y = (event.clientY - box.top) / box.height * picture.full.height;
    picture.sightline = { x: x - picture.stageElement.clientWidth / scale / 2, y: y - picture.stage / scale / 2, scale };
    picture.touched = true;
    applyView(picture);
  };
  map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); move(event); });
  map.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
  byId("names").replaceChildren(...[...new Set(app.graph.nodes.map((node) => node.name).filter(Boolean))].slice(0, 400).map((name) => Object.assign(element("option"), { value: name })));
  const field = inputById("find");
  field.addEventListener("change", () => find(app, field.value));
}

/**
 * Draw the map of the picture that is shown: a mark per node.
 * @param {App} app
 */
export function drawMap(app) {
  const map = byId("map"), { picture } = app, { width, height } = picture.full;
  if (app.graph.nodes.length <= CROWD) return;
  const scale = Math.min(MAP / width, MAP * 0.7 / height), marks = document.createElementNS(SVG, "svg");
  map.style.width = `${width * scale}px`;
  map.style.height = `${height * scale}px`;
  marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const bound of [...picture.boxes, ...picture.nodes.filter((each) => !each.cell)]) {
    const { group, frame } = bound;
    if (!group || !frame) continue;
    const mark = document.createElementNS(SVG, "rect"), grow = Math.max(0, 1.6 / scale - frame.width) / 2;
    for (const [name, size] of Object.entries({ x: frame.x - grow, y: frame.y - grow, width: frame.width + 2 * grow, height: frame.height + 2 * grow })) mark.setAttribute(name, String(size));
    mark.setAttribute("class", group.querySelector("circle") && !("inside" in bound) ? "of-value" : "of-function");
    marks.append(mark);
  }
  map.replaceChildren(marks, element("div", "window"));
  showWindow(app);
}

/**
 * Move the frame, and hide the map where everything is visible.
 * @param {App} app
 */
export function showWindow(app) {
  const map = byId("map"), { picture } = app, frame = /** @type {HTMLElement} */ (map.querySelector(".window"));
  if (!frame) return;
  const { x, y, scale } = picture.sightline, { width, height } = picture.full;
  const wide = picture.stageElement.clientWidth / scale, tall = picture.stage / scale;
  map.hidden = x <= 1 && y <= 1 && x + wide >= width - 1 && y + tall >= height - 1;
  const share = (/** @type {number} */ from, /** @type {number} */ size, /** @type {number} */ whole) => [Math.max(0, from) / whole * 100, (Math.min(whole, from + size) - Math.max(0, from)) / whole * 100];
  const [left, across] = share(x, wide, width), [top, down] = share(y, tall, height);
  Object.assign(frame.style, { left: `${left}%`, width: `${Math.max(0, across)}%`, top: `${top}%`, height: `${Math.max(0, down)}%` });
}

/**
 * The first node with this name, or whose name or function starts with the text or contains it.
 * @param {Graph} graph
 * @param {string} asked
 * @returns {GraphNode | undefined}
 */
export function named(graph, asked) {
  const text = asked.trim().toLowerCase(), called = (/** @type {GraphNode} */ node) => (node.name || node.fn).toLowerCase();
  if (!text) return undefined;
  return graph.nodes.find((node) => called(node) === text) || graph.nodes.find((node) => called(node).startsWith(text)) || graph.nodes.find((node) => called(node).includes(text));
}

/**
 * Scroll to a node and select it.
 * @param {App} app
 * @param {string} asked
 */
export function find(app, asked) {
  const node = named(app.graph, asked), field = inputById("find");
  field.setAttribute("aria-invalid", String(Boolean(asked.trim()) && !node));
  if (!node) { if (asked.trim()) say(tell("Nothing here is called {name}", { name: asked })); return; }
  const bound = app.picture.nodes[node.index], place = bound.inBox || bound;
  if (place.frame) glideTo(app.picture, place.frame);
  app.select(node.index);
  say(tell("Found {name}", { name: node.name || node.fn }));
}
