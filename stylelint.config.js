import { readFileSync } from "node:fs";

const unchecked = JSON.parse(readFileSync("assets/unchecked.json", "utf8")).exclude;

export default {
  extends: "stylelint-config-standard",
  ignoreFiles: unchecked.map((path) => `assets/${path}`),
  reportDescriptionlessDisables: true,
  reportInvalidScopeDisables: true,
  reportNeedlessDisables: true,
  rules: {
    /* It compares rules that never meet: what is nested in one area with what is nested in another. */
    "no-descending-specificity": null,
    /* A line that has to win against Gradio's own styles says so: tests/web/test_modules.py counts them. */
    "declaration-no-important": [true, { message: "Only against Gradio's own styles: say so in a comment." }],
    "declaration-property-value-no-unknown": true,
    "selector-id-pattern": null,
  },
};
