// Highlights: the paths of a node, and the nodes of the step.

import { flows, top } from "./graph.js";
import { pathsFrom } from "./paths.js";

/** @import { Graph, GraphNode, Picture, Step } from "./types.js" */

/**
 * Highlight everything on a path from `node` to the output, and fade the rest
 * (slightly, for a node that stays selected while its number is changed).
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {GraphNode | undefined} node
 * @param {boolean} [gently]
 */
export function highlight(picture, graph, node, gently) {
  picture.svg.classList.toggle("tracing", Boolean(node));
  picture.svg.classList.toggle("gently", Boolean(node && gently));
  if (!node) return;
  const on = pathsFrom(graph, node);
  graph.nodes.forEach((each) => { const { group, totalGroup } = picture.nodes[each.index]; toggleOn(group, on.has(each.index)); toggleOn(totalGroup, on.has(each.index)); });
  for (const { group, inside, scalars } of picture.boxes) toggleOn(group, !inside.length && !scalars.length || [...inside, ...scalars].some((index) => on.has(index)));
  for (const bound of picture.edges) {
    const both = on.has(bound.from) && on.has(bound.to) && (bound.edge.result || flows(graph, bound.edge));
    toggleOn(bound.line, both);
    toggleOn(bound.label, both);
  }
  for (const { edge, from, group, label } of picture.ports) {
    for (const each of [group, label]) toggleOn(each, on.has(from) && on.has(edge.to) && flows(graph, edge));
  }
}

/**
 * @param {Element | null | undefined} element
 * @param {boolean} on
 * @param {string} [name]
 */
export const toggleOn = (element, on, name = "on") => { if (element) element.classList.toggle(name, on); };

/**
 * The frame that moves to the node of the current step, and the edges the step works on.
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {Step} step
 */
export function point(picture, graph, step) {
  const node = step.kind === "seed" ? graph.nodes[top(graph)] : step.node;
  const place = node && (picture.nodes[node.index].inBox || picture.nodes[node.index]), group = place && place.group, frame = place && place.frame;
  picture.cursor.style.display = group ? "" : "none";
  picture.svg.dataset.phase = step.kind;
  for (const bound of picture.edges) {
    const active = node && (bound.to === node.index && node.kind === "function" || bound.from === node.index && bound.edge.result);
    toggleOn(bound.line, Boolean(active), "active");
  }
  if (!group || !frame) return;
  const margin = 7;
  const put = { x: frame.x - margin, y: frame.y - margin, width: frame.width + 2 * margin, height: frame.height + 2 * margin, rx: node.kind === "function" || "cell" in place && place.cell ? 10 : (frame.height + 2 * margin) / 2 };
  for (const [name, size] of Object.entries(put)) picture.cursor.style.setProperty(name, `${size}px`);
}
