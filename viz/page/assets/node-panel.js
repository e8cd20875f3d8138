// The node in words and numbers: its value and gradient, local derivatives, ranked paths; the inside of a box.

import { computed, flows, gradientAfter, localOf, top, valueOf } from "./graph.js";
import { cardOf, openCard, openScalars, opens } from "./inset.js";
import { links, rankedPaths } from "./paths.js";
import { highlight, toggleOn } from "./trace.js";
import { derivative, forward, gradientText, nameOf, slope } from "./words.js";
import { glideTo, union } from "./zoom.js";
import { byId, element } from "../../web/assets/dom.js";
import { DASH, exact, number, signed } from "../../web/assets/numbers.js";
import { figureOf } from "./figures.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, BoxBinding, GradientPath, Graph, GraphNode } from "./types.js" */

/**
 * The content of a card, a layer or a box: its current scalars, and a button to draw them one by one.
 * @param {App} app
 * @param {BoxBinding} box
 * @returns {HTMLElement[]}
 */
function boxLines(app, box) {
  const { graph, step } = app;
  const rows = box.scalars.map((index) => {
    const node = graph.nodes[index], { sum } = gradientAfter(graph, node, step), known = computed(graph, node, step);
    const name = element("button", "plain", nameOf(node.name));
    name.type = "button";
    name.addEventListener("click", () => { app.box = undefined; app.select(index); });
    return element("tr", "", element("th", "", name), element("td", "forward", known ? number(valueOf(graph, node)) : DASH), element("td", "gradient", `∂ ${number(sum)}`));
  });
  const made = [], open = openButton(tell("Show these scalars"), () => (opens(app, box) ? openScalars(app, box) : openBox(app, box)));
  const drawn = app.data.views.some(({ level }) => level === "lesson");
  if (box.inside.length && (drawn || opens(app, box))) made.push(open);
  if (!rows.length) made.push(element("p", "quiet", drawn ? tell("Folded: the level Scalars shows what is inside.") : tell("Folded: the scalars inside are too many to draw.")));
  else made.push(element("table", "scalars", element("tbody", "", ...rows)));
  return made;
}

/**
 * @param {string} words
 * @param {() => void} act
 */
function openButton(words, act) {
  const open = element("button", "", words);
  open.type = "button";
  open.id = "open";
  open.addEventListener("click", act);
  return open;
}

/**
 * Go to the level of scalars, with the content of the box visible and everything else faded.
 * @param {App} app
 * @param {BoxBinding} box
 */
function openBox(app, box) {
  app.switchLevel("lesson");
  const inside = new Set(box.inside);
  for (const edge of app.graph.edges) if (inside.has(edge.to)) inside.add(edge.from);
  for (const index of box.inside) for (const result of app.graph.nodes[index].results) inside.add(result);
  const boxes = [...inside].flatMap((index) => app.picture.nodes[index].box ?? []);
  glideTo(app.picture, boxes.reduce((one, other) => union(one, other)));
  app.picture.svg.classList.add("tracing");
  app.graph.nodes.forEach((node) => toggleOn(app.picture.nodes[node.index].group, inside.has(node.index)));
  for (const bound of app.picture.edges) for (const each of [bound.line, bound.label]) toggleOn(each, inside.has(bound.from) && inside.has(bound.to));
}

/**
 * The node under the pointer or the focus, else the one selected, else the one of the step.
 * @param {App} app
 * @returns {GraphNode | undefined}
 */
function nodeInView(app) {
  const index = app.hovered !== undefined ? app.hovered : app.selected;
  if (index !== undefined) return app.graph.nodes[index];
  const at = app.steps[app.step];
  return at.kind === "seed" ? app.graph.nodes[top(app.graph)] : at.node;
}

/** @param {App} app */
export function showNode(app) {
  const { graph } = app, node = nodeInView(app), box = app.hovered === undefined ? app.box : undefined;
  if (box) {
    byId("node-title").textContent = box.name && box.name.textContent;
    byId("node").replaceChildren(...boxLines(app, box));
    highlight(app.picture, graph, undefined);
    return;
  }
  const wanted = app.hovered !== undefined || app.selected !== undefined;
  highlight(app.picture, graph, wanted ? node : undefined, app.hovered === undefined);
  graph.nodes.forEach((each) => toggleOn(app.picture.nodes[each.index].group, each.index === app.selected, "selected"));
  if (!node) {
    byId("node-title").textContent = tell("Node");
    byId("node").replaceChildren(element("p", "quiet", tell("Point at a node, or move to it with Tab, to see what it does.")));
    return;
  }
  byId("node-title").replaceChildren(node.kind === "function" ? node.fn : tell(node.kind), " ", nameOf(node.kind === "function" ? "" : node.name));
  byId("node").replaceChildren(...(node.kind === "function" ? functionLines(app, node) : quantityLines(app, node)), ...sourceLine(graph, node), ...cardLine(app, node));
}

/**
 * For a cell: a button to the card of its unit.
 * @param {App} app
 * @param {GraphNode} node
 */
const cardLine = (app, node) => (cardOf(app, node.index) === undefined ? [] : [openButton(tell("Open its unit here"), () => openCard(app, node.index))]);

/**
 * The line of code that made a function and its results, if it was recorded.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @returns {HTMLElement[]}
 */
function sourceLine(graph, node) {
  const maker = node.kind === "function" ? node : graph.nodes[node.maker];
  return maker && maker.line ? [element("p", "quiet source", tell("made at {line}", { line: maker.line }))] : [];
}

/**
 * @param {App} app
 * @param {GraphNode} node
 * @returns {HTMLElement[]}
 */
function functionLines(app, node) {
  const { graph } = app, lines = [];
  if (app.data.about[node.fn]) lines.push(element("p", "quiet", app.data.about[node.fn]));
  if (node.forward > app.step) return [...lines, element("p", "quiet", tell("Not computed yet."))];
  const asked = node.into.filter((edge) => graph.nodes[edge.from].kind !== "constant" || graph.nodes[edge.from].label);
  const rows = asked.flatMap((edge) => node.results.map((index, place) => {
    const result = graph.nodes[index], tail = graph.nodes[edge.from];
    const shown = flows(graph, edge) ? element("b", "local", number(localOf(graph, edge, place))) : element("span", "quiet", tell("no flow"));
    return element("li", "", slope(result.name, tail.name), " = ", shown, element("span", "quiet", tell(" at "), nameOf(tail.name), " = ", forward(valueOf(graph, tail))));
  }));
  return [...lines, ...figureOf(app, node), ...(rows.length ? [element("h3", "", tell("Local derivatives")), list(rows)] : [])];
}
export const MOST_ROWS = 40;

/** @param {HTMLElement[]} rows */
export function list(rows) {
  const more = rows.length > MOST_ROWS ? [element("li", "quiet", tell("… and {count} more", { count: rows.length - MOST_ROWS }))] : [];
  return element("ul", "facts-list", ...rows.slice(0, MOST_ROWS), ...more);
}

/**
 * @param {App} app
 * @param {GraphNode} node
 * @returns {HTMLElement[]}
 */
function quantityLines(app, node) {
  const { graph, step } = app, gradient = gradientAfter(graph, node, step), known = computed(graph, node, step);
  const facts = element("dl", "facts",
    element("dt", "", tell("value")), element("dd", "forward", known ? exact(valueOf(graph, node)) : DASH),
    element("dt", "", derivative(graph.nodes[top(graph)].name, node.name)), element("dd", "gradient", gradient.sum === undefined ? DASH : exact(gradient.sum)));
  if (!node.reached) return [facts, element("p", "quiet", node.out.length ? tell("No gradient flows from the output to here.") : tell("The gradient starts elsewhere."))];
  if (!known) return [facts];
  const { paths, count } = gradient.done ? rankedPaths(graph, node) : { paths: [], count: 0 };
  const uses = links(graph, node).filter((link) => link.to.reached && computed(graph, link.to, step)).map((link) => element("li", "",
    slope(link.to.name, node.name), " = ", element("b", "local", number(link.local)), element("span", "quiet", ` ${graph.nodes[link.edge.to].fn}`)));
  /** @type {HTMLElement[]} */
  const made = [facts];
  if (uses.length) made.push(element("h3", "", tell("Local derivatives")), list(uses));
  if (paths.length && paths[0].links.length) made.push(element("h3", "", count > paths.length ? tell("Paths to the output, strongest {shown} of {count}", { shown: paths.length, count: number(count) }) : tell("Paths to the output")), pathList(graph, node, paths));
  return made;
}

/**
 * Each path with the product of its local derivatives, and a bar for its share of the largest.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {GradientPath[]} paths
 */
function pathList(graph, node, paths) {
  const largest = Math.abs(paths[0].product) || 1;
  return element("ol", "paths", ...paths.map((path) => {
    const bar = element("span", path.product < 0 ? "bar negative" : "bar");
    bar.style.width = `${Math.min(100, Math.abs(path.product) / largest * 100) || 0}%`;
    const via = element("span", "via", nameOf(node.name));
    path.links.forEach((link) => via.append(" → ", nameOf(link.to.name)));
    const shown = path.links.slice(0, 6).map((link) => signed(link.local)).join(" · ") + (path.links.length > 6 ? " · …" : "");
    return element("li", "", via, element("span", "product", element("span", "muted", path.links.length > 1 ? `${shown} = ` : ""), gradientText(path.product)), bar);
  }));
}
