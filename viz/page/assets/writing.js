// Writing into a drawing: only what changed is touched.

import { width } from "../../web/assets/numbers.js";

/** @import { ShapeBinding, TextBinding } from "./types.js" */

/**
 * One number in the picture. `rest` are the classes of its state, not of its kind.
 * @param {SVGTextElement} element
 * @returns {TextBinding}
 */
export function textBinding(element) {
  const [role, ...rest] = (element.getAttribute("class") || "").split(" ");
  const note = element.querySelector("tspan");
  if (!(element.firstChild instanceof Text)) element.prepend(new Text());
  const first = /** @type {Text} */ (element.firstChild);
  return { element, first, note, role, rest: rest.join(" "), size: Number(element.getAttribute("font-size")), small: Number(element.getAttribute("font-size")) < 10, prefix: "", shown: first.data, noted: note ? note.textContent : "" };
}

/**
 * @param {TextBinding} binding
 * @param {string} text
 * @param {string} [role]
 * @param {string} [note]
 */
export function write(binding, text, role, note = "") {
  if (binding.shown !== text) binding.first.data = binding.shown = text;
  if (role && binding.role !== role) binding.element.setAttribute("class", `${binding.role = role} ${binding.rest}`);
  if (binding.note && binding.noted !== note) binding.note.textContent = binding.noted = note;
}

/**
 * Keep a number inside its circle: the circle was measured for the recorded one.
 * @param {TextBinding} binding
 * @param {string} text
 * @param {number} room
 */
export function fit(binding, text, room) {
  const size = Math.min(binding.size, room / Math.max(width(text), 0.1));
  if (binding.fitted !== size) binding.element.setAttribute("font-size", String(Math.round((binding.fitted = size) * 10) / 10));
}

/**
 * @param {ShapeBinding | undefined} binding
 * @param {string} role
 */
export function restyle(binding, role) {
  if (binding && binding.role !== role) binding.element.setAttribute("class", binding.role = role);
}
