// A point of the film → the graph of that sample, with the weights of that epoch: the live page, in a frame.

import { buttonById, byId, canvasById, element } from "../../web/assets/dom.js";
import { inPlayground, standing } from "./state.js";
import { tell } from "../../web/assets/language.js";

/** @import { Film, PointSet, SampleGraph } from "./types.js" */

const NEAR = 12;

/** The start of the script of a sample's page; the common part follows. */
const BEFORE = '<script>"use strict";\n(() => {\n';

/**
 * The point nearest to a position on the plane, in pixels, including held-out points.
 * @param {Film} app
 * @param {number} px
 * @param {number} py
 * @param {number} size
 * @returns {{ set: PointSet, i: number } | undefined}
 */
export function pointAt(app, px, py, size) {
  const [left, right, bottom, top] = app.extent;
  let found, least = NEAR;
  for (const set of [app.set, app.held]) {
    for (let i = 0; set && i < set.labels.length; i++) {
      const [x, y] = standing(app, set, i), far = Math.hypot(((x - left) / (right - left)) * size - px, ((top - y) / (top - bottom)) * size - py);
      if (far < least) [found, least] = [{ set, i }, far];
    }
  }
  return found;
}

/**
 * The number of every leaf of a sample's graph: the point, the target and the current parameters.
 * @param {Film} app
 * @param {SampleGraph} graph
 * @param {PointSet} set
 * @param {number} i
 * @returns {Record<string, number>}
 */
export function leavesOf(app, graph, set, i) {
  const d = app.network.inputs, target = app.network.regression ? [set.values[i]] : app.network.targets[set.labels[i]];
  const numbers = { x: (/** @type {number} */ j) => set.points[d * i + j], target: (/** @type {number} */ j) => target[j], theta: (/** @type {number} */ j) => app.theta[j] };
  return Object.fromEntries(graph.leaves.map(([key, kind, j]) => [key, numbers[kind](j)]));
}

/**
 * Decompress gzip text.
 * @param {string} text
 */
function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** @param {Film} app */
export function listenToSamples(app) {
  const canvas = canvasById("plane"), box = byId("sample");
  const close = () => { box.hidden = true; byId("sample-frame").replaceChildren(); };
  buttonById("sample-close").addEventListener("click", close);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !box.hidden) close(); });
  if (!app.data.graphs.length) return;
  const pointed = (/** @type {MouseEvent} */ event) => (inPlayground() || app.network !== app.own ? undefined : pointAt(app, event.offsetX, event.offsetY, canvas.clientWidth));
  canvas.addEventListener("pointermove", (event) => { if (!inPlayground() && canvas.style.cursor !== "ew-resize") canvas.style.cursor = pointed(event) ? "pointer" : ""; });
  canvas.addEventListener("click", (event) => {
    const found = pointed(event);
    if (found) showSample(app, found.set, found.i);
  });
}

/**
 * @param {Film} app
 * @param {PointSet} set
 * @param {number} i
 */
export async function showSample(app, set, i) {
  const graph = app.data.graphs[app.data.graphs.length > 1 ? set.labels[i] : 0], frame = element("iframe"), leaves = leavesOf(app, graph, set, i);
  byId("sample-title").textContent = `${tell("Sample {place}", { place: i + 1 })}${set === app.held ? tell(" (held out)") : ""}${app.classes.length ? `, ${app.classes[set.labels[i]]}` : ""}, ${tell("at epoch {epoch}", { epoch: app.network.epochs[app.frame] })}`;
  frame.title = tell("The graph of this sample");
  frame.setAttribute("sandbox", "allow-scripts");
  const [page, script] = await Promise.all([inflated(graph.page), inflated(app.data.script)]);
  frame.srcdoc = page.replace(BEFORE, () => `${BEFORE}${script}`).replace('data-theme="auto"', `data-theme="${document.documentElement.dataset.theme}"`);
  frame.addEventListener("load", () => frame.contentWindow?.postMessage({ leaves }, "*"));
  byId("sample").hidden = false; // before the frame, because a page without a size has no layout
  byId("sample-frame").replaceChildren(frame);
  byId("sample").scrollIntoView({ block: "nearest" });
}
