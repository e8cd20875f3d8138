// Texts for screen readers, and exact numbers for tooltips. Updated when nothing has changed for a while.

import { computed, gradientAfter, gradientOf, stateOf, top, valueOf } from "./graph.js";
import { SVG } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Graph, GraphNode, Picture } from "./types.js" */

/**
 * The screen reader's text of a node, and the exact numbers of its tooltip.
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {number} step
 */
export function describe(picture, graph, step) {
  for (const node of graph.nodes) {
    const bound = picture.nodes[node.index];
    if (!bound.group || bound.cell) continue;
    const text = spoken(graph, node, step);
    if (bound.spoken === text) continue;
    bound.group.setAttribute("aria-label", bound.spoken = text);
    if (node.leaf) {
      const x = valueOf(graph, node);
      bound.group.setAttribute("aria-valuenow", String(Number.isFinite(x) ? Number(x.toPrecision(4)) : 0));
      bound.group.setAttribute("aria-valuetext", number(x));
    }
    tooltip(bound.group, text);
  }
  for (const { group, scalars, rest, name: named } of picture.boxes) {
    const name = (named && named.textContent) || "";
    group.setAttribute("aria-label", `${name}, ${scalars.length ? tell("{count} scalars inside", { count: scalars.length }) : tell("folded")}`);
    if (rest !== undefined) tooltip(group, name + rest);
  }
}

/**
 * The description of the drawing: the recorded one, or for other inputs their numbers.
 * @param {Picture} picture
 * @param {Graph} graph
 */
export function retell(picture, graph) {
  const told = picture.svg.querySelector("desc"), name = graph.nodes[top(graph)].name;
  if (!told) return;
  picture.told ??= told.textContent;
  const recorded = graph.inputs.every((x, place) => Object.is(x, graph.recorded[place]));
  const leaves = graph.leafOrder.map((place) => graph.nodes[graph.leaves[place]]).filter((node) => node.kind !== "constant").slice(0, 40);
  const outputs = graph.outputs.slice(0, 40).map((index) => `${graph.nodes[index].name} = ${number(valueOf(graph, graph.nodes[index]))}`);
  const inputs = leaves.map((node) => `${node.name} = ${number(valueOf(graph, node))}, ∂${name}/∂${node.name} = ${number(gradientOf(graph, node))}`);
  const text = recorded ? picture.told : tell("At changed inputs: {numbers}", { numbers: [...outputs, ...inputs].join("; ") });
  if (told.textContent !== text) told.textContent = text;
}

/**
 * @param {SVGGraphicsElement} group
 * @param {string} text
 */
function tooltip(group, text) {
  let title = group.firstElementChild;
  if (!title || title.tagName !== "title") group.prepend(title = document.createElementNS(SVG, "title"));
  title.textContent = text;
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 */
function spoken(graph, node, step) {
  if (node.kind === "function") {
    const operands = node.into.map((edge) => graph.nodes[edge.from].name).join(", ");
    const state = node.forward <= step ? tell(stateOf(graph, node)) : tell("not computed yet");
    return tell("{name} of {operands}", { name: node.fn, operands }) + (state ? `, ${state}` : "");
  }
  const value = computed(graph, node, step) ? tell("value {number}", { number: number(valueOf(graph, node)) }) : tell("not computed yet");
  if (node.kind === "constant") return `${tell("constant")} ${node.label || ""} ${value}`;
  const gradient = gradientAfter(graph, node, step);
  return `${tell(node.kind)} ${node.name}, ${value}, ${gradient.sum === undefined ? tell("gradient not computed") : tell("gradient {number}", { number: number(gradient.sum) })}`;
}
