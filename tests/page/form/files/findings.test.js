import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf, needsAll } from "#form/files/findings";

const fix = [{ name: "upscale" }];
const finding = (rule, verdict, fixes = [], more = {}) => ({
  rule,
  verdict,
  text: rule,
  fixes,
  label: fixes.length ? "Enlarge" : "",
  remedy: "",
  ...more,
});
const file = (verdict, findings, fixes = []) => ({ verdict, findings, fixes });

test("what passes is not spoken of", () => {
  assert.deepEqual(linesOf(file("pass", [finding("side", "pass")])), []);
});

test("the gravest comes first", () => {
  const lines = linesOf(
    file("disputed", [finding("alpha", "advice"), finding("bytes", "disputed"), finding("side", "pass")]),
  );
  assert.deepEqual(
    lines.map((line) => line.text),
    ["bytes", "alpha"],
  );
});

test("one problem has one button, which says what it does", () => {
  const [line, ...more] = linesOf(file("refused", [finding("side", "refused", fix), finding("alpha", "advice")], fix));
  assert.deepEqual(line.remedy, { fixes: fix, label: "Enlarge" });
  assert.deepEqual(more, [], "what is merely better otherwise waits");
});

test("where no single fix is enough they are offered together", () => {
  const both = file("refused", [finding("side", "refused"), finding("ratio", "refused")], fix);
  assert.equal(needsAll(both), true);
  assert.deepEqual(
    linesOf(both).map((line) => line.remedy),
    [{ fixes: fix, label: "" }, null],
    "with one button",
  );
});

test("what costs money for nothing is said first of what can be sent, and each remedy is offered once", () => {
  const steady = [{ name: "framerate", fps: "24" }];
  const clip = file("disputed", [
    finding("variable_fps", "advice", steady),
    finding("fps", "disputed", steady),
    finding("billed", "advice", [{ name: "trim" }]),
  ]);
  assert.deepEqual(
    linesOf(clip).map((line) => [line.text, line.remedy?.fixes[0].name]),
    [
      ["billed", "trim"],
      ["fps", "framerate"],
      ["variable_fps", undefined],
    ],
  );
});

test("what no fix helps has no button, and says what does", () => {
  const short = file("refused", [
    finding("seconds", "refused", [], { remedy: "Choose a longer one." }),
    finding("side", "refused"),
  ]);
  assert.deepEqual(
    linesOf(short).map((line) => [line.text, line.remedy]),
    [
      ["seconds. Choose a longer one.", null],
      ["side", null],
    ],
  );
});

test("one thing to do is not offered twice", () => {
  assert.equal(needsAll(file("advice", [finding("alpha", "advice", fix)], fix)), false);
  const other = [{ name: "upright" }];
  assert.equal(
    needsAll(file("advice", [finding("alpha", "advice", fix), finding("depth", "advice", fix)], fix)),
    false,
  );
  assert.equal(
    needsAll(file("advice", [finding("alpha", "advice", fix), finding("turn", "advice", other)], fix)),
    true,
  );
});
