import { readFileSync } from "node:fs";

import js from "@eslint/js";

const unchecked = JSON.parse(readFileSync("assets/unchecked.json", "utf8")).exclude;

/* Whatever they are called on, and however the name is written: text is never read as HTML. */
const MARKUP =
  "/^(innerHTML|outerHTML|insertAdjacentHTML|setHTML|setHTMLUnsafe|parseHTMLUnsafe|createContextualFragment|srcdoc)$/";
const asMarkup = "Text may never be read as HTML: make nodes with h() of #shell/dom.";
const WINDOW = "/^(window|globalThis|self)$/";
const asGlobal = "Modules share what they export, not what they hang on the window.";

const rules = {
  ...js.configs.recommended.rules,
  "array-callback-return": "error",
  "consistent-return": "error",
  eqeqeq: "error",
  "max-len": ["error", { code: 120 }],
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-script-url": "error",
  "no-self-compare": "error",
  "no-shadow": "error",
  "no-throw-literal": "error",
  "no-unmodified-loop-condition": "error",
  "no-unused-expressions": "error",
  "no-unused-vars": ["error", { args: "all", argsIgnorePattern: "^_", reportUsedIgnorePattern: true }],
  "no-useless-concat": "error",
  "no-useless-rename": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-arrow-callback": "error",
  "prefer-const": "error",
  "prefer-object-spread": "error",
  "prefer-rest-params": "error",
  "prefer-spread": "error",
  "prefer-template": "error",
  "no-restricted-properties": [
    "error",
    { object: "document", property: "write", message: asMarkup },
    { object: "document", property: "writeln", message: asMarkup },
  ],
  /* Names of the window's that stand for a variable which somebody forgot to declare. */
  "no-restricted-globals": [
    ...["error", "close", "closed", "event", "external", "find", "focus", "blur", "frames", "length", "name", "open"],
    ...["opener", "origin", "parent", "print", "screen", "scroll", "self", "status", "stop", "top"],
  ],
  "no-restricted-syntax": [
    "error",
    { selector: `Identifier[name=${MARKUP}]`, message: asMarkup },
    { selector: `Literal[value=${MARKUP}]`, message: asMarkup },
    { selector: `AssignmentExpression[left.object.name=${WINDOW}]`, message: asGlobal },
    { selector: `AssignmentExpression[left.object.object.name=${WINDOW}]`, message: asGlobal },
    { selector: `CallExpression[callee.object.name="Object"] > .arguments[name=${WINDOW}]`, message: asGlobal },
    {
      selector: "ExportNamedDeclaration > VariableDeclaration[kind='let']",
      message: "Who imports a variable cannot see that it changes: export a function that tells it.",
    },
  ],
};

const reports = { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" };

export default [
  { ignores: unchecked.map((path) => `assets/${path}`) },
  /* Which names there are at all is for tsc to say, which knows those of the browser. */
  { files: ["assets/**/*.js"], linterOptions: reports, rules: { ...rules, "no-undef": "off" } },
  {
    files: ["tests/page/**/*.js", "*.config.js"],
    languageOptions: { globals: { structuredClone: "readonly", URL: "readonly", URLSearchParams: "readonly" } },
    linterOptions: reports,
    rules,
  },
];
