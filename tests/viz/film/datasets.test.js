// Data of the playground: what is drawn, and tables as people have them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DATASETS, draw, readTable } from "../../../viz/film/assets/datasets.js";

for (const name of Object.keys(DATASETS)) {
  test(`${name} is the same for the same seed, and another for another`, () => {
    const once = draw(name, 60, 1);
    assert.deepEqual(once, draw(name, 60, 1));
    assert.notDeepEqual(once.base, draw(name, 60, 2).base);
    assert.equal(once.base.length, 120);
    assert.ok(once.base.every((x) => Number.isFinite(x) && Math.abs(x) < 1.7));
    assert.equal(new Set(once.labels).size, once.classes || 1);
  });
}

test("a table with a head and names of classes", () => {
  const { labels, names, classes, base } = readTable("width, height, kind\n1, 2, cat\n3, 4, dog\n5, 6, cat\n");
  assert.deepEqual([labels, names, classes], [[0, 1, 0], ["cat", "dog"], 2]);
  assert.deepEqual(base, [-1, -1, 0, 0, 1, 1]);
});

test("a third number that is not whole is a regression", () => {
  assert.deepEqual(readTable("0 0 0.5\n1 1 1.5").values, [0.5, 1.5]);
});

test("what is no table is said, with its row", () => {
  assert.throws(() => readTable("1, 2, a\n1, x, b"), /Row 2 is "1, x, b"/);
  assert.throws(() => readTable("\n"), /There are no rows/);
});
