// Data sets of the playground: points of the plane within [−1, 1], a new draw for each seed.

import { chance, normal } from "./plane.js";
import { tell } from "../../web/assets/language.js";

/** @import { Drawn } from "./types.js" */

/**
 * Each returns n points with their labels, or, for a regression, their target numbers.
 * @type {Record<string, (n: number, random: () => number) => Drawn>}
 */
export const DATASETS = {
  Spiral: (n, random) => classes(n, 2, (label, share) => { const t = 0.15 + 0.85 * share, turn = 1.75 * Math.PI * 2 * share * 0.75 + label * Math.PI; return [t * Math.sin(turn), t * Math.cos(turn)]; }, random, 0.015),
  Circles: (n, random) => classes(n, 2, (label, share) => { const r = label ? 0.85 : 0.38 * Math.sqrt(random()), turn = 2 * Math.PI * share; return [r * Math.cos(turn), r * Math.sin(turn)]; }, random, 0.04),
  Moons: (n, random) => classes(n, 2, (label, share) => { const turn = Math.PI * share; return label ? [0.3 - 0.62 * Math.cos(turn), 0.14 - 0.62 * Math.sin(turn)] : [-0.3 + 0.62 * Math.cos(turn), -0.14 + 0.62 * Math.sin(turn)]; }, random, 0.05),
  Checkers: (n, random) => {
    const base = [], labels = [];
    for (let i = 0; i < n; i++) {
      const [x, y] = [0, 0].map(() => { const z = 2 * random() - 1; return z + 0.08 * Math.sign(z); });
      base.push(x, y);
      labels.push(Number(x * y < 0));
    }
    return { base, labels, values: [], classes: 2 };
  },
  "Two clouds": (n, random) => classes(n, 2, (label) => (label ? [0.45, 0.4] : [-0.45, -0.4]), random, 0.2),
  "Three clouds": (n, random) => classes(n, 3, (label) => [0.55 * Math.cos(label * 2.094 + 0.5), 0.55 * Math.sin(label * 2.094 + 0.5)], random, 0.2),
  Plane: (n, random) => asked(n, random, (x, y) => (x + y) / 2),
  Hills: (n, random) => asked(n, random, (x, y) => Math.exp(-6 * ((x - 0.4) ** 2 + (y - 0.4) ** 2)) - Math.exp(-6 * ((x + 0.4) ** 2 + (y + 0.4) ** 2))),
};

/**
 * @param {string} name
 * @param {number} n
 * @param {number} seed
 */
export const draw = (name, n, seed) => DATASETS[name](n, chance(seed));

/**
 * @param {number} n
 * @param {number} count
 * @param {(label: number, share: number) => number[]} placeOf
 * @param {() => number} random
 * @param {number} spread
 * @returns {Drawn}
 */
function classes(n, count, placeOf, random, spread) {
  const base = [], labels = [], each = Math.ceil(n / count);
  for (let i = 0; i < n; i++) {
    const label = i % count, [x, y] = placeOf(label, Math.floor(i / count) / each);
    base.push(x + spread * normal(random), y + spread * normal(random));
    labels.push(label);
  }
  return { base, labels, values: [], classes: count };
}

/**
 * @param {number} n
 * @param {() => number} random
 * @param {(x: number, y: number) => number} value
 * @returns {Drawn}
 */
function asked(n, random, value) {
  const base = Array.from({ length: 2 * n }, () => 2 * random() - 1);
  const values = Array.from({ length: n }, (_, i) => value(base[2 * i], base[2 * i + 1]));
  return { base, labels: values.map(() => 0), values, classes: 0 };
}

/**
 * A table of numbers: columns separated by comma, semicolon, tab or space; the last is the class or the
 * target number, the two before it are the point. A first row of names is left out.
 * @param {string} text
 * @returns {Drawn & { names: string[] }}
 */
export function readTable(text) {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean), rows = lines.map((line) => line.split(/[,;\t]/.test(line) ? /[,;\t]/ : /\s+/).map((cell) => cell.trim()));
  const headed = rows.length > 1 && rows[0].slice(0, -1).some((cell) => !Number.isFinite(Number(cell)) || cell === ""), body = headed ? rows.slice(1) : rows;
  const points = body.map((cells) => cells.slice(0, 2).map(Number)), last = body.map((cells) => cells[cells.length - 1]);
  const broken = body.findIndex((cells, i) => cells.length < 3 || !points[i].every(Number.isFinite) || last[i] === "");
  if (!body.length) throw new Error(tell("There are no rows: give two numbers and a class, or a third number, in each."));
  if (broken >= 0) throw new Error(tell("Row {row} is \"{text}\"; two numbers and a class, or a third number, are needed.", { row: broken + 1 + Number(headed), text: lines[broken + Number(headed)].slice(0, 40) }));
  const kinds = [...new Set(last)].sort(), numeric = last.every((cell) => Number.isFinite(Number(cell)));
  if (kinds.length > 6 && !numeric) throw new Error(tell("There are {count} classes; the page trains up to 6.", { count: kinds.length }));
  const regression = numeric && (kinds.length > 6 || last.some((cell) => !Number.isInteger(Number(cell))));
  return {
    base: scaled(points), labels: last.map((cell) => (regression ? 0 : kinds.indexOf(cell))), values: regression ? last.map(Number) : [],
    classes: regression ? 0 : Math.max(2, kinds.length), names: regression ? [] : kinds,
  };
}

/**
 * Points moved and shrunk so that they fill [−1, 1].
 * @param {number[][]} points
 */
function scaled(points) {
  const low = [0, 1].map((axis) => Math.min(...points.map((point) => point[axis]))), high = [0, 1].map((axis) => Math.max(...points.map((point) => point[axis])));
  return points.flatMap((point) => point.map((x, axis) => (high[axis] > low[axis] ? (2 * (x - low[axis])) / (high[axis] - low[axis]) - 1 : 0)));
}
