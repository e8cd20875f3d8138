// What the outputs of a network decide: the class that wins, how surely, and where the boundary runs.

import { clamp, column, zeroLine } from "./plane.js";

/** @import { Network } from "./types.js" */

/**
 * The score of class 1 relative to class 0, of two classes; the boundary is where it crosses 0.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 */
export function oddsOf(network, out, n) {
  const { kind, at, middle } = network.decision, first = column(out, at, n);
  if (kind === "one") return first.map((score) => score - middle);
  const second = column(out, at + 1, n);
  return first.map((score, i) => second[i] - score);
}

/**
 * Odds as a certainty: −1 for class 0, 1 for class 1, 0 at the boundary.
 * @param {Network} network
 * @param {number} odds
 */
export function surety(network, odds) {
  const { kind, half } = network.decision;
  if (kind === "one" && half > 0) return clamp(odds / half, -1, 1);
  return kind === "shares" ? clamp(odds, -1, 1) : Math.tanh(odds / 2);
}

/**
 * The class with the largest output for point i, and its distance to the second largest.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 * @param {number} i
 * @returns {[number, number]}
 */
export function winner(network, out, n, i) {
  const { at } = network.decision;
  let best = 0, other = -Infinity;
  for (let k = 1; k < network.classes; k++) {
    if (out[(at + k) * n + i] > out[(at + best) * n + i]) best = k;
  }
  for (let k = 0; k < network.classes; k++) {
    if (k !== best) other = Math.max(other, out[(at + k) * n + i]);
  }
  return [best, out[(at + best) * n + i] - other];
}

/**
 * The certainty of the largest probability: 0 where all are equal, 1 where it is 1.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 * @param {number} i
 * @param {number} best
 */
export function shareOfWinner(network, out, n, i, best) {
  const { at, kind } = network.decision, top = out[(at + best) * n + i], count = network.classes;
  let share = top;
  if (kind !== "shares") {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += Math.exp(out[(at + k) * n + i] - top);
    share = 1 / sum;
  }
  return clamp((share - 1 / count) / (1 - 1 / count), 0, 1);
}

/**
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 * @param {number} i
 */
export function classOf(network, out, n, i) {
  if (network.classes > 2) return winner(network, out, n, i)[0];
  const { kind, at, middle } = network.decision;
  return kind === "one" ? +(out[at * n + i] > middle) : +(out[(at + 1) * n + i] > out[at * n + i]);
}

/**
 * The boundary between classes on a square of cells, as segments.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} cells
 * @returns {number[]}
 */
export function boundaryOf(network, out, cells) {
  const n = cells * cells;
  if (network.regression) { // level lines at the middle and half-way to both ends
    const { at, middle, half } = network.decision, answers = column(out, at, n);
    return [-0.5, 0, 0.5].flatMap((level) => zeroLine(answers.map((answer) => answer - middle - level * half), cells));
  }
  if (network.classes === 2) return zeroLine(oddsOf(network, out, n), cells);
  const lead = Array.from({ length: network.classes }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < network.classes; k++) {
      let other = -Infinity;
      for (let j = 0; j < network.classes; j++) {
        if (j !== k) other = Math.max(other, out[(network.decision.at + j) * n + i]);
      }
      lead[k][i] = out[(network.decision.at + k) * n + i] - other;
    }
  }
  return lead.flatMap((values) => zeroLine(values, cells));
}

/**
 * The probabilities of the classes for n points, a column each: the softmax of the scores, or the outputs themselves.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 */
export function sharesOf(network, out, n) {
  const { at, kind } = network.decision, count = network.classes, found = out.slice(at * n, (at + count) * n);
  if (kind === "shares") return found;
  for (let i = 0; i < n; i++) {
    let most = -Infinity, sum = 0;
    for (let k = 0; k < count; k++) most = Math.max(most, found[k * n + i]);
    for (let k = 0; k < count; k++) sum += found[k * n + i] = Math.exp(found[k * n + i] - most);
    for (let k = 0; k < count; k++) found[k * n + i] /= sum;
  }
  return found;
}

/**
 * Probabilities as positions: for two classes (y₁, y₂), on a line; for more, between the corners of a polygon.
 * @param {Float64Array} shares
 * @param {number} count
 * @param {number} n
 */
export function placed(shares, count, n) {
  const found = new Float64Array(2 * n), corners = cornersOf(count);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < count; k++) {
      found[2 * i] += shares[k * n + i] * corners[k][0];
      found[2 * i + 1] += shares[k * n + i] * corners[k][1];
    }
  }
  return found;
}

/**
 * The position of a class with probability 1.
 * @param {number} count
 */
export function cornersOf(count) {
  if (count === 2) return [[1, 0], [0, 1]];
  return Array.from({ length: count }, (_, k) => { const turn = Math.PI / 2 + (2 * Math.PI * k) / count; return [Math.cos(turn), Math.sin(turn)]; });
}
