// The drawing: finds everything in the SVG that changes with the numbers, once.

import { textBinding } from "./writing.js";
import { SVG, all, byId } from "../../web/assets/dom.js";
import { width } from "../../web/assets/numbers.js";

/** @import { Bound, BoxBinding, BoxData, DrawnEdge, EdgeBinding, Graph, GraphNode, NodeBinding, Picture, PortBinding, ShapeBinding, ViewData, What } from "./types.js" */

const SYMBOL = "graphics-symbol img";
const LARGE = 300;

/**
 * @param {SVGGraphicsElement | null | undefined} element
 * @returns {ShapeBinding | undefined}
 */
function shapeBinding(element) {
  if (!element) return undefined;
  const own = element.getAttribute("class") || "";
  return { element, role: own, own };
}

/**
 * Find everything that changes, by the ids that every drawing carries. A view is the drawing at one
 * level of detail; folded nodes have no elements.
 * @param {Graph} graph
 * @param {ViewData} view
 * @param {SVGSVGElement} [drawn] a drawing that stands elsewhere
 * @returns {Picture}
 */
export function makePicture(graph, view, drawn) {
  const { prefix } = view, svg = drawn || drawingAt(view.level);
  const find = (/** @type {string} */ key) => /** @type {SVGGraphicsElement | null} */ (svg.getElementById(`${prefix}-${key}`));
  /** @type {Picture} */
  const picture = { svg, prefix, view, stageElement: byId("drawing"), nodes: [], edges: [], boxes: [], ports: [], texts: [], cells: [], places: new Map(graph.nodes.map((node) => [node.key, node.index])), lines: new Map(), full: { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height }, stage: 0, cursor: document.createElementNS(SVG, "rect"), sightline: { x: 0, y: 0, scale: 1 }, touched: false, gliding: 0 };
  svg.setAttribute("role", "group");
  svg.classList.toggle("large", graph.nodes.length > LARGE && view.level === "lesson");
  for (const node of graph.nodes) picture.nodes[node.index] = bindNode(node, find(`n-${node.key}`), find(`t-${node.key}`));
  for (const edge of graph.edges) picture.edges.push(bindEdge(edge, edge.from, edge.to, find, view));
  for (const node of graph.nodes) {
    if (node.maker >= 0) picture.edges.push(bindEdge({ key: `${node.key}-in`, from: node.maker, to: node.index, flow: "always", index: -1, at: -1, result: true }, node.maker, node.index, find, view));
  }
  for (const { edge } of picture.edges) picture.lines.set(edge.key, edge);
  for (const bound of picture.edges) bindPort(picture, bound, find);
  for (const node of graph.nodes) {
    const [result] = node.results, bound = picture.nodes[result];
    if (node.results.length === 1 && bound.group && !bound.shape) picture.nodes[node.index].under = bound;
  }
  for (const bound of picture.nodes) for (const group of new Set([bound.group, bound.totalGroup])) if (group) bindTexts(picture, bound, group);
  for (const bound of picture.edges) if (bound.label) bindTexts(picture, bound, bound.label);
  for (const box of view.boxes || []) bindBox(picture, box, find(`n-${box.key}`));
  picture.cursor.setAttribute("class", "cursor");
  const firstNode = svg.querySelector("g[class^=node]");
  if (firstNode) firstNode.before(picture.cursor);
  for (const element of svg.querySelectorAll("g.edge, g.label:not(.node), g.legend, g.node-port")) element.setAttribute("aria-hidden", "true");
  return picture;
}

/**
 * The drawing of the page at a level of detail.
 * @param {string} level
 */
export function drawingAt(level) {
  const found = document.querySelector(`.view[data-level=${level}] svg`);
  if (!(found instanceof SVGSVGElement)) throw new Error(`the page has no drawing at the level ${level}`);
  return found;
}

/**
 * The box that an element draws.
 * @type {WeakMap<Element, BoxBinding>}
 */
export const BOXES = new WeakMap();

/**
 * A card, a layer or a block: each number and each cell in it shows a scalar.
 * @param {Picture} picture
 * @param {BoxData} box
 * @param {SVGGraphicsElement | null} group
 */
function bindBox(picture, box, group) {
  const [frameElement] = group ? /** @type {SVGGraphicsElement[]} */ (all("rect, circle", group)) : [];
  if (!group || !frameElement) return;
  /** @type {BoxBinding} */
  const bound = { group, frameElement, inside: box.inside, scalars: [], key: box.key, name: group.querySelector("text") };
  for (const shown of /** @type {SVGGraphicsElement[]} */ (all("[data-shows]", group))) {
    const { key, what } = saidBy(shown), node = picture.places.get(key);
    if (what === "formula") {
      const text = textBinding(/** @type {SVGTextElement} */ (shown)), room = width(text.shown) + 0.5; // in units of its font
      const title = group.querySelector("title");
      if (title) bound.rest = title.textContent.slice(text.shown.length);
      picture.texts.push({ text, what, plain: what, bound, inBox: true, written: box.written, room: room * text.size });
      continue;
    }
    const edge = node === undefined ? picture.lines.get(key) : undefined;
    if (shown instanceof SVGTextElement && (node ?? edge) !== undefined) {
      const text = textBinding(shown);
      if (text.shown.startsWith("←")) text.prefix = "←"; // the contribution to an input
      picture.texts.push({ text, what, node, edge, plain: what, bound, inBox: true });
    }
    if (node === undefined || what === "state") continue;
    if (!(shown instanceof SVGTextElement)) picture.cells.push({ shape: shapeBinding(shown), node, what, bound });
    else if (what === "value") claimRow(/** @type {SVGElement} */ (shown.previousElementSibling), node);
    claim(picture, bound, shown, node);
  }
  picture.boxes.push(bound);
  group.dataset.box = box.key;
  BOXES.set(group, bound);
  group.setAttribute("tabindex", "0");
  group.setAttribute("role", SYMBOL);
  group.classList.add("node");
  for (const index of box.inside) if (!picture.nodes[index].group) picture.nodes[index] = folded(bound);
}

/**
 * Pointing at a cell selects its scalar, whose scrubber opens there.
 * @param {Picture} picture
 * @param {BoxBinding} bound
 * @param {SVGGraphicsElement} element
 * @param {number} node
 */
function claim(picture, bound, element, node) {
  element.dataset.node = String(node);
  if (bound.scalars.includes(node)) return;
  bound.scalars.push(node);
  if (!picture.nodes[node].group) picture.nodes[node] = { group: element, cell: true };
}

/**
 * In a card the name and the pill behind a number belong to it.
 * @param {SVGElement} name
 * @param {number} node
 */
function claimRow(name, node) {
  const pill = name.previousElementSibling;
  name.dataset.node = String(node);
  if (pill instanceof SVGElement && pill.classList.contains("pill")) pill.dataset.node = String(node);
}

/**
 * Folded nodes have no elements, but may be in a box.
 * @param {BoxBinding} [inBox]
 * @returns {NodeBinding}
 */
const folded = (inBox) => ({ group: null, inBox });

/**
 * @param {GraphNode} node
 * @param {SVGGraphicsElement | null} group
 * @param {SVGGraphicsElement | null} total
 * @returns {NodeBinding}
 */
function bindNode(node, group, total) {
  const shown = group || (total && total.querySelector("[data-shows$=' value']") ? total : null); // the compact form: a result is the texts above and below its square
  if (!shown) return folded();
  const [shape] = group ? /** @type {SVGGraphicsElement[]} */ (all("circle, rect", group)) : [];
  /** @type {NodeBinding} */
  const bound = { group: shown, shape: shapeBinding(shape), totalGroup: total, room: Infinity };
  if (group) {
    const wide = shape instanceof SVGCircleElement ? 2 * shape.r.baseVal.value : /** @type {SVGRectElement} */ (shape).width.baseVal.value;
    bound.room = wide - (node.kind === "parameter" ? 15 : 9);
    bound.sketch = /** @type {SVGGElement | null} */ (group.querySelector("g.sketch"));
  }
  shown.dataset.node = String(node.index);
  shown.setAttribute("tabindex", "0");
  shown.setAttribute("role", node.leaf ? "slider" : SYMBOL); // arrow keys change a leaf; its name is not its text
  shown.classList.add("node");
  if (node.leaf) shown.classList.add("leaf");
  return bound;
}

/**
 * What an element shows, from `data-shows` of the drawing.
 * @param {SVGElement | HTMLElement} shown
 * @returns {{ key: string, what: What }}
 */
export function saidBy(shown) {
  const [key, what] = (shown.dataset.shows || "").split(" ");
  return { key, what: /** @type {What} */ (what) };
}

/**
 * Every text in a group that changes with the numbers.
 * @param {Picture} picture
 * @param {Bound} bound
 * @param {SVGGraphicsElement} group
 */
function bindTexts(picture, bound, group) {
  const texts = /** @type {SVGTextElement[]} */ (all("text[data-shows]", group)), inCircle = group.matches("[class*=node-]");
  for (const shown of texts) {
    const { key, what } = saidBy(shown), edge = picture.lines.get(key), node = picture.places.get(key);
    if (edge === undefined && node === undefined) continue; // of a folded node
    const plain = what === "value" && inCircle ? (group.matches(".node-constant") ? "constant-text" : "value-text") : what;
    const beside = texts.map(saidBy).find((said) => said.key === key && (said.what === "why" || said.what === "over"));
    const text = textBinding(shown), named = what === "value" ? text.shown.lastIndexOf(" = ") : -1;
    if (what === "state" && node !== undefined) picture.nodes[node].told = true;
    if (named >= 0) text.prefix = text.shown.slice(0, named + 3);
    picture.texts.push({ text, what, node, edge, plain, bound, pair: beside ? beside.what : undefined });
  }
}

/**
 * A port: a use of a value far from the value itself.
 * @param {Picture} picture
 * @param {EdgeBinding} bound
 * @param {(key: string) => SVGGraphicsElement | null} find
 */
function bindPort(picture, { edge, from }, find) {
  const group = find(`n-p${edge.key}`), label = find(`t-p${edge.key}`);
  if (!group) return;
  /** @type {PortBinding} */
  const port = { group, label, edge, from };
  group.dataset.node = String(from);
  group.classList.add("node");
  picture.ports.push(port);
  for (const each of [group, label]) if (each) bindTexts(picture, port, each);
}

/**
 * @param {DrawnEdge} edge
 * @param {number} from
 * @param {number} to
 * @param {(key: string) => SVGGraphicsElement | null} find
 * @param {ViewData} view
 * @returns {EdgeBinding}
 */
function bindEdge(edge, from, to, find, view) {
  const line = find(`e-${edge.key}`), label = find(`l-${edge.key}`);
  /** @type {EdgeBinding} */
  const bound = { edge, from, to, line, label, path: shapeBinding(line?.querySelector("path")), wide: 0, weight: (view.weights || {})[edge.key] };
  bound.wide = bound.path && bound.path.element.style.strokeWidth ? view.largest ?? 0 : 0; // inside a network: as wide as its gradient, or its weight
  return bound;
}
