/** What is to be said of a form's files, the gravest first, and the button that helps. */

/** @typedef {import("../../types/page").FormFileView} FormFileView */
/** @typedef {import("../../types/views").FindingView} FindingView */
/** @typedef {import("../../types/views").FileView["verdict"]} Verdict */

/** @type {readonly Verdict[]} */
const GRAVITY = ["refused", "disputed", "advice", "pass"];

/**
 * @typedef {object} Remedy what a press does
 * @property {Record<string, unknown>[]} fixes
 * @property {string} label empty for all fixes together
 */
/**
 * @typedef {object} Line
 * @property {Verdict} verdict
 * @property {number} rank the smaller, the sooner it is to be said
 * @property {string} text
 * @property {Remedy | null} remedy
 */

/** @param {Verdict} verdict */
export function gravity(verdict) {
  return GRAVITY.indexOf(verdict);
}

/** @param {FormFileView} file */
const open = (file) => file.findings.filter((finding) => finding.verdict !== "pass");

/**
 * Whether the fixes of a file are offered together: only where no single one is enough, or several different ones could
 * be pressed.
 *
 * @param {FormFileView} file
 */
export function needsAll(file) {
  const refused = open(file).filter((finding) => finding.verdict === "refused");
  const fixable = open(file).filter((finding) => finding.fixes.length);
  const single = new Set(fixable.map((finding) => JSON.stringify(finding.fixes)));
  return file.fixes.length > 0 && (refused.length > 1 || single.size > 1);
}

/**
 * All findings of a file with what helps, the gravest first: what cannot be sent, then what costs money for nothing. A
 * remedy of several findings stands at the first of them alone.
 *
 * @param {FormFileView} file
 * @returns {{ finding: FindingView, remedy: Remedy | null }[]}
 */
export function judged(file) {
  /** @type {Set<string>} */
  const offered = new Set();
  return [...file.findings]
    .sort((one, other) => rank(one) - rank(other))
    .map((finding) => {
      const remedy = remedyOf(file, finding);
      const name = JSON.stringify(remedy);
      const isNew = !offered.has(name);
      offered.add(name);
      return { finding, remedy: isNew ? remedy : null };
    });
}

/** @param {FindingView} finding */
function rank({ verdict, fixes }) {
  const saves = verdict !== "refused" && fixes.some((fix) => fix.name === "trim");
  return saves ? gravity("refused") + 0.5 : gravity(verdict);
}

/**
 * @param {FormFileView} file
 * @param {FindingView} finding
 * @returns {Remedy | null}
 */
function remedyOf(file, finding) {
  if (finding.fixes.length) return { fixes: finding.fixes, label: finding.label };
  const together = finding.verdict === "refused" && needsAll(file);
  return together ? { fixes: file.fixes, label: "" } : null;
}

/**
 * All that is to be said of a file, the gravest first. What is merely better otherwise is left out of a file that
 * cannot be sent.
 *
 * @param {FormFileView} file
 * @returns {Line[]}
 */
export function linesOf(file) {
  const refused = file.verdict === "refused";
  return judged(file)
    .filter(({ finding: { verdict } }) => verdict !== "pass" && (!refused || verdict === "refused"))
    .map(({ finding, remedy }) => ({
      verdict: finding.verdict,
      rank: rank(finding),
      text: [finding.text, finding.remedy].filter(Boolean).join(". "),
      remedy,
    }));
}
