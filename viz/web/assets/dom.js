// The document: its elements, and how new ones are made.

export const SVG = "http://www.w3.org/2000/svg";

/**
 * The element with an id, which must exist and have the requested type.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!found || (kind && !(found instanceof kind))) throw new Error(`the page has no ${kind ? kind.name : "element"} with the id ${id}`);
  return /** @type {T} */ (found);
}

/** @param {string} id */
export const inputById = (id) => byId(id, HTMLInputElement);
/** @param {string} id */
export const buttonById = (id) => byId(id, HTMLButtonElement);
/** @param {string} id */
export const selectById = (id) => byId(id, HTMLSelectElement);
/** @param {string} id */
export const canvasById = (id) => byId(id, HTMLCanvasElement);

/**
 * Every element that a selector finds inside `root`.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {T[]}
 */
export const all = (selector, root = document) => /** @type {T[]} */ ([...root.querySelectorAll(selector)]);

/** @param {string} selector */
export const inputOf = (selector) => /** @type {HTMLInputElement} */ (document.querySelector(selector));
/** @param {string} selector */
export const inputsOf = (selector) => /** @type {HTMLInputElement[]} */ (all(selector));

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * What draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  const found = canvas.getContext("2d", settings);
  if (!found) throw new Error("this browser gives no context to draw on a canvas");
  return found;
}

/**
 * Announce a text to screen readers.
 * @param {string} text
 */
export function say(text) {
  byId("said").textContent = text;
}
