// The paths of a gradient: the nodes on them, and the paths with the largest contributions.

import { flows, localOf, top } from "./graph.js";

/** @import { GradientPath, Graph, GraphNode, Link } from "./types.js" */

/**
 * Every node on a path from `node` to the output, and every edge between two of them.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @returns {Set<number>}
 */
export function pathsFrom(graph, node) {
  const ahead = new Set([node.index]), onward = new Set();
  for (let i = node.index; i < graph.nodes.length; i++) {
    if (!ahead.has(i)) continue;
    for (const next of nextOf(graph, graph.nodes[i])) ahead.add(next);
  }
  for (const index of [...ahead].sort((a, b) => b - a)) {
    if (index === top(graph) || nextOf(graph, graph.nodes[index]).some((next) => onward.has(next))) onward.add(index);
  }
  return onward;
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @returns {number[]}
 */
const nextOf = (graph, node) =>
  node.kind === "function" ? node.results : node.out.filter((edge) => flows(graph, edge)).map((edge) => edge.to);

/**
 * The links of a contribution path: value → value, each with its local derivative.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @returns {Link[]}
 */
export function links(graph, node) {
  return node.out.filter((edge) => flows(graph, edge)).flatMap((edge) =>
    graph.nodes[edge.to].results.map((result, place) => ({ edge, to: graph.nodes[result], local: localOf(graph, edge, place) })));
}

/**
 * The paths from `node` to the output with the largest |product of local derivatives|, best first.
 * `reach` is an upper bound for the rest of a path, so that the best few of very many are found directly.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} [most]
 * @returns {{ paths: GradientPath[], count: number }}
 */
export function rankedPaths(graph, node, most = 5) {
  /** @type {Map<number, number>} */
  const reach = new Map();
  /** @type {Map<number, number>} */
  const count = new Map(), size = (/** @type {number} */ x) => Number.isNaN(x) ? Infinity : Math.abs(x);
  for (let i = graph.nodes.length - 1; i >= node.index; i--) {
    const at = graph.nodes[i];
    if (at.kind === "function" || !at.reached) continue;
    let best = i === top(graph) ? 1 : -1, paths = i === top(graph) ? 1 : 0;
    for (const link of links(graph, at)) {
      const further = reach.get(link.to.index) ?? -1;
      if (further < 0) continue;
      best = Math.max(best, size(size(link.local) * further));
      paths += count.get(link.to.index) ?? 0;
    }
    if (best >= 0) { reach.set(i, best); count.set(i, paths); }
  }
  const bound = reach.get(node.index);
  if (bound === undefined) return { paths: [], count: 0 };
  /** @type {GradientPath[]} */
  const open = [{ at: node, links: [], product: 1, bound, ended: false }], paths = [];
  for (let tries = 0; open.length && paths.length < most && tries < 4000; tries++) {
    const path = open.splice(open.reduce((best, each, i) => each.bound > open[best].bound ? i : best, 0), 1)[0];
    if (path.ended) { paths.push(path); continue; }
    if (path.at.index === top(graph)) open.push({ ...path, bound: size(path.product), ended: true });
    for (const link of links(graph, path.at)) {
      const further = reach.get(link.to.index);
      if (further === undefined) continue;
      const product = path.product * link.local;
      open.push({ at: link.to, links: [...path.links, link], product, bound: size(size(product) * further), ended: false });
    }
  }
  return { paths, count: count.get(node.index) ?? 0 };
}
