// Copying the picture to the clipboard, as a separate file.

import { paint } from "./paint.js";
import { buttonById, element, say } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Picture } from "./types.js" */

/**
 * The drawing as a separate file: without the page's additions, with the current numbers.
 * @param {Picture} picture
 */
function svgText(picture) {
  const copy = /** @type {SVGSVGElement} */ (picture.svg.cloneNode(true)), { width, height } = picture.full;
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height, role: "img" })) copy.setAttribute(name, String(value));
  copy.querySelector(".cursor")?.remove();
  copy.classList.remove("tracing", "gently", "far", "large");
  delete copy.dataset.phase;
  for (const group of copy.querySelectorAll("g")) {
    group.classList.remove("node", "leaf", "on", "active", "waiting", "selected");
    for (const name of ["tabindex", "role", "aria-label", "aria-hidden", "aria-valuenow", "aria-valuetext", "data-node", "data-box"]) group.removeAttribute(name);
  }
  for (const each of copy.querySelectorAll("[data-node]")) each.removeAttribute("data-node");
  return new XMLSerializer().serializeToString(copy);
}

/** @param {App} app */
export async function copySvg(app) {
  paint(app.picture, app.graph, app.step, true);
  const text = svgText(app.picture);
  try {
    await navigator.clipboard.writeText(text);
  } catch (refused) { // an old browser, or no permission: the older function needs a selection
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) { say(tell("The SVG could not be copied: {why}", { why: String(refused) })); return; }
  }
  const button = buttonById("copy");
  button.textContent = tell("Copied");
  say(tell("The SVG is on the clipboard"));
  setTimeout(() => { button.textContent = tell("Copy SVG"); }, 1600);
}
