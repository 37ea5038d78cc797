import assert from "node:assert/strict";
import test from "node:test";

import { createListing, renewed } from "#history/listing";
import { hindrances } from "#history/offers";
import { createSelection } from "#history/selection";

const entry = (id, more = {}) => ({ id, tags: [], preview: `/${id}`, ended: true, ...more });
const ids = (entries) => entries.map(({ id }) => id).join("");

/** A library of these ids, answered in pages of two. */
function library(all) {
  const asked = [];
  const ask = async (path) => {
    asked.push(path);
    const query = new URLSearchParams(path.split("?")[1]);
    const order = query.get("sort") === "oldest" ? [...all].reverse() : all;
    const from = query.has("after") ? order.indexOf(query.get("after")) + 1 : 0;
    const found = order.slice(from, from + 2);
    const next = from + 2 < order.length ? found[1] : null;
    return { jobs: found.map((id) => entry(id)), next, tags: ["x"], count: 2, count_exact: true };
  };
  return { asked, ask };
}

test("pages follow each other, and what follows is found beyond the loaded end", async () => {
  const { ask, asked } = library(["f", "e", "d", "c", "b"]);
  const listing = createListing(ask, assert.fail);
  await listing.show({});
  assert.equal(ids(listing.entries()), "fe");
  assert.equal(await listing.beside("f", 1), "e");
  assert.equal(asked.length, 1);
  assert.equal(await listing.beside("e", 1), "d");
  assert.equal(ids(listing.entries()), "fedc");
  assert.equal(await listing.beside("f", -1), null);
  assert.equal(await listing.beside("b", -1), "c", "of one that is not in the list, by time");
});

test("what follows is found while the list is just being asked for again", async () => {
  const listing = createListing(library(["d", "c", "b", "a"]).ask, assert.fail);
  await listing.show({});
  const renewal = listing.renew();
  assert.equal(await listing.beside("c", 1), "b");
  await renewal;
});

test("an answer that a later question has overtaken is thrown away", async () => {
  const waiting = [];
  const listing = createListing((path) => new Promise((answer) => waiting.push({ path, answer })), assert.fail);
  const first = listing.show({ words: "a" });
  const second = listing.show({ words: "b" });
  waiting[1].answer({ jobs: [entry("b")], next: null, count: 1, count_exact: true });
  await second;
  waiting[0].answer({ jobs: [entry("a")], next: null, count: 1, count_exact: true });
  await first;
  assert.equal(ids(listing.entries()), "b");
  assert.deepEqual(listing.count(), { found: 1, exact: true });
});

test("what is deleted is counted out, and comes back to its place", async () => {
  const listing = createListing(library(["c", "b", "a"]).ask, assert.fail);
  await listing.show({ state: "failed" });
  listing.hide(["c"], true);
  assert.deepEqual([ids(listing.entries()), listing.count()?.found], ["b", 1]);
  listing.hide(["c"], false);
  assert.deepEqual([ids(listing.entries()), listing.count()?.found], ["cb", 2]);
});

test("a list whose first page is asked for anew keeps what follows it", () => {
  const list = (text) => [...text].map((id) => ({ id }));
  assert.equal(ids(renewed(list("edcba"), list("gfe"), false)), "gfedcba");
  assert.equal(ids(renewed(list("edcba"), list("fec"), false)), "fecba", "d is gone");
  assert.equal(ids(renewed(list("edcba"), list("zyx"), false)), "zyx");
  assert.equal(ids(renewed(list("edcba"), list("e"), true)), "e");
});

test("a selection outlives what is shown, and takes what changes of it", () => {
  const selection = createSelection();
  selection.set([entry("a"), entry("b")], true);
  selection.take([entry("a", { tags: ["new"] }), entry("c")], ["b"]);
  assert.deepEqual(selection.entries(), [entry("a", { tags: ["new"] })]);
});

test("what cannot be done with a selection says why", () => {
  const failed = entry("x", { preview: null });
  const many = (count) => Array.from({ length: count }, (_, at) => entry(String(at)));
  assert.deepEqual(hindrances(many(2)), { zip: "", compare: "", delete: "" });
  assert.equal(hindrances([entry("a"), failed]).compare, "history.compare.few");
  assert.equal(hindrances([...many(2), failed]).compare, "");
  assert.equal(hindrances(many(7)).compare, "history.compare.many");
  assert.equal(hindrances([failed]).zip, "history.zip.none");
  assert.equal(hindrances(many(201)).zip, "history.zip.many");
  assert.equal(hindrances([entry("a", { ended: false })]).delete, "history.delete.none");
});
