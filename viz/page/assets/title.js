// The title of the page, which is updated where it contains numbers: "(3+5)×10 = 80".

import { ATOM, MINUS, number, written } from "../../web/assets/numbers.js";
import { valueOf } from "./graph.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Graph } from "./types.js" */

const ROOM = 60;

/**
 * The graph as one expression where it fits, else "": the rule of viz/graph/formulas.py.
 * @param {Graph} graph
 */
export function formulaOf(graph) {
  if (graph.outputs.length !== 1) return "";
  /** @type {{ text: string, rank: number }[]} */
  const parts = [];
  for (const node of graph.nodes) {
    if (node.kind === "function") {
      const text = written(node.fn, node.label, node.into.map((edge) => parts[edge.from])).map((piece) => / . /.test(piece) && piece.length === 3 ? piece.trim() : piece).join("");
      parts[node.index] = { text, rank: rankOf(node.fn, node.into.length) };
    } else if (node.maker >= 0) parts[node.index] = parts[node.maker];
    else {
      const text = node.label || number(valueOf(graph, node));
      parts[node.index] = { text, rank: !node.label && text.startsWith(MINUS) ? 0 : ATOM };
    }
    if ([...parts[node.index].text].length > ROOM) return "";
  }
  return parts[graph.outputs[0]].text;
}

/**
 * The precedence of a written function.
 * @param {string} fn
 * @param {number} count
 */
function rankOf(fn, count) {
  const infix = { add: 1, sub: 1, mul: 2, div: 2 }[fn];
  if (infix && count === 2) return infix;
  if (fn === "neg" || (fn === "affine" && count % 2)) return 1;
  return fn === "power" && count === 1 ? 4 : ATOM;
}

/**
 * The title that the drawing would get at these numbers.
 * @param {Graph} graph
 */
export function titleAt(graph) {
  const outputs = graph.outputs.map((index) => graph.nodes[index]), formula = formulaOf(graph);
  const alone = outputs.length === 1 ? [outputs[0].label, formula, number(valueOf(graph, outputs[0]))] : [formula];
  const called = [...new Set(alone.filter(Boolean))].join(" = ");
  if (formula) return called;
  const count = graph.nodes.filter((node) => node.kind === "function").length;
  return `${called}${called ? ", " : ""}${tell("{count} functions", { count: count.toLocaleString("en") })}`;
}

/**
 * Update the title, unless the user gave one.
 * @param {App} app
 */
export function showTitle(app) {
  if (!app.titled) return;
  const text = titleAt(app.graph), [shown] = document.getElementsByTagName("h1");
  if (shown.textContent === text) return;
  document.title = text;
  shown.replaceChildren(Object.assign(document.createElement("bdi"), { textContent: text }));
  for (const picture of app.pictures.values()) {
    const title = picture.svg.querySelector("title");
    if (title) title.textContent = text;
  }
}
