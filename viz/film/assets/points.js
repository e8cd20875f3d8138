// Points that may be scattered, drawn and taken away.

import { chance, normal } from "./plane.js";

/** @import { PointSet } from "./types.js" */

/**
 * Points, and each one's noise: drawn once, so that a larger share of it moves every point further.
 * @param {ArrayLike<number>} points
 * @param {number[]} labels
 * @returns {PointSet}
 */
export function makeSet(points, labels) {
  const random = chance(11), base = Array.from(points), set = { base, labels: labels.slice(), noise: [], random, share: 0, points: undefined };
  while (set.noise.length < base.length) set.noise.push(normal(random));
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
 * A point where it was drawn: its noise counts from there.
 * @param {PointSet} set
 * @param {number} x
 * @param {number} y
 * @param {number} label
 */
export function addPoint(set, x, y, label) {
  const noise = [normal(set.random), normal(set.random)];
  set.base.push(x - set.share * noise[0], y - set.share * noise[1]);
  set.noise.push(...noise);
  set.labels.push(label);
  scatter(set, set.share);
}

/** @param {PointSet} set */
export function dropPoint(set) {
  set.labels.pop();
  set.base.length = set.noise.length = 2 * set.labels.length;
  scatter(set, set.share);
}
