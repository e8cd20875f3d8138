// Names, numbers and derivatives as elements.

import { element } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";

/**
 * Labels may be written in any direction; isolation keeps the direction of the formula around them.
 * @param {string} text
 */
export const nameOf = (text) => element("bdi", "name", text);

/**
 * @param {number} x
 * @param {string} [text]
 */
export const forward = (x, text = number(x)) => element("b", "forward", text);

/**
 * @param {number | undefined} x
 * @param {string} [text]
 */
export const gradientText = (x, text = number(x)) => element("b", "gradient", text);

/**
 * A derivative as a fraction; the slash is for screen readers and copies. ∂ is the total derivative, along every path.
 * @param {string} of
 * @param {string} by
 */
export const derivative = (of, by, sign = "∂") => element("span", "fraction", element("span", "", sign, nameOf(of)), element("i", "hidden", "/"), element("span", "", sign, nameOf(by)));

/**
 * The local derivative of one function: d, not ∂.
 * @param {string} of
 * @param {string} by
 */
export const slope = (of, by) => derivative(of, by, "d");
