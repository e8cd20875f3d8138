// Points that can be moved by noise, added and removed.

import { chance, normal } from "./plane.js";

/** @import { PointSet } from "./types.js" */

/**
 * Points, and each one's noise: drawn once, so that a larger share moves every point further.
 * @param {ArrayLike<number>} points `width` numbers each
 * @param {number[]} labels
 * @param {number[]} [values] the numbers asked for, of a regression
 * @param {number} [width]
 * @returns {PointSet}
 */
export function makeSet(points, labels, values = [], width = 2) {
  /** @type {PointSet} */
  const set = { base: Array.from(points), labels: labels.slice(), values: values.slice(), width, noise: [], random: chance(11), share: 0, points: Float64Array.from(points) };
  while (set.noise.length < set.base.length) set.noise.push(normal(set.random));
  scatter(set, 0);
  return set;
}

/**
 * Move every point by `share` of its noise.
 * @param {PointSet} set
 * @param {number} share
 */
export function scatter(set, share) {
  set.share = share;
  set.points = Float64Array.from(set.base, (x, i) => x + share * set.noise[i]);
}

/**
 * A point added by the reader; its noise is relative to that position.
 * @param {PointSet} set
 * @param {number[]} point
 * @param {number} label
 * @param {number} [value]
 */
export function addPoint(set, point, label, value) {
  for (const x of point) {
    const noise = normal(set.random);
    set.base.push(x - set.share * noise);
    set.noise.push(noise);
  }
  set.labels.push(label);
  if (value !== undefined) set.values.push(value);
  scatter(set, set.share);
}

/** @param {PointSet} set */
export function dropPoint(set) {
  set.labels.pop();
  set.values.pop();
  set.base.length = set.noise.length = set.width * set.labels.length;
  scatter(set, set.share);
}

/**
 * Divide one set: the first `share` in a shuffled order for training, the rest held out.
 * @param {PointSet} set
 * @param {number} share
 * @param {number} seed
 * @returns {[PointSet, PointSet]}
 */
export function split(set, share, seed) {
  const random = chance(seed), order = set.labels.map((_, i) => i).map((i) => ({ i, key: random() })).sort((a, b) => a.key - b.key).map(({ i }) => i);
  const count = Math.round(share * order.length), part = (/** @type {number[]} */ chosen) => {
    const sorted = chosen.slice().sort((a, b) => a - b);
    return makeSet(sorted.flatMap((i) => set.base.slice(set.width * i, set.width * (i + 1))), sorted.map((i) => set.labels[i]), set.values.length ? sorted.map((i) => set.values[i]) : [], set.width);
  };
  return [part(order.slice(0, count)), part(order.slice(count))];
}
