// Points, lines and chance of the film.

import assert from "node:assert/strict";
import { test } from "node:test";

import { chance, gridLines, lattice, normal, shuffle, ticks, unpacked, zeroLine } from "../../../viz/film/assets/plane.js";
import { addPoint, dropPoint, makeSet, scatter, split } from "../../../viz/film/assets/points.js";

test("doubles come back from their text bit by bit", () => {
  const numbers = [1 / 3, -0, 1e300], text = Buffer.from(new Float64Array(numbers).buffer).toString("base64");
  assert.ok([...unpacked(text)].every((x, i) => Object.is(x, numbers[i])));
});

test("a lattice starts at the top left corner", () => {
  assert.deepEqual([...lattice([0, 2, 0, 2], 2)], [0, 2, 2, 2, 0, 0, 2, 0]);
  assert.equal(gridLines([0, 1, 0, 1], 3, 5).length, 4 * 3 * 5);
});

test("the zero line of x − 0.25 is upright", () => {
  const segments = zeroLine(Float64Array.from([-0.25, 0.75, -0.25, 0.75]), 2);
  assert.deepEqual(segments.filter((_, i) => i % 2 === 0), [0.25, 0.25]);
});

test("chance repeats itself, and its normal numbers have mean 0 and spread 1", () => {
  assert.equal(chance(5)(), chance(5)());
  const random = chance(1), drawn = Array.from({ length: 20000 }, () => normal(random));
  const mean = drawn.reduce((a, b) => a + b) / drawn.length, spread = Math.sqrt(drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length);
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(spread - 1) < 0.03);
  const order = Int32Array.from({ length: 50 }, (_, i) => i);
  shuffle(order, random);
  assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
});

test("marks of an axis are round numbers inside it", () => {
  assert.deepEqual(ticks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(-0.31, 0.3, 4), [-0.2, 0, 0.2]);
});

test("a drawn point stays where it was drawn, whatever the noise", () => {
  const set = makeSet([0, 0], [0]);
  scatter(set, 0.5);
  addPoint(set, [2, 3], 1);
  assert.deepEqual([...set.points].slice(2).map((x) => Number(x.toFixed(12))), [2, 3]);
  dropPoint(set);
  assert.deepEqual([set.labels.length, set.points.length], [1, 2]);
});

test("a set is divided without losing or doubling a point", () => {
  const set = makeSet([0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1]), [trained, held] = split(set, 0.75, 3);
  assert.deepEqual([trained.labels.length, held.labels.length], [3, 1]);
  assert.deepEqual([...trained.base, ...held.base].sort(), [...set.base].sort());
});
