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
 * Whether the fixes of a file are offered together: only where no single one is enough, or several could be pressed.
 *
 * @param {FormFileView} file
 */
export function needsAll(file) {
  const refused = open(file).filter((finding) => finding.verdict === "refused");
  const single = open(file).filter((finding) => finding.fixes.length);
  return file.fixes.length > 0 && (refused.length > 1 || single.length > 1);
}

/**
 * @param {FormFileView} file
 * @param {FindingView} finding
 * @returns {Remedy | null}
 */
export function remedyOf(file, finding) {
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
  return open(file)
    .filter((finding) => !refused || finding.verdict === "refused")
    .sort((one, other) => gravity(one.verdict) - gravity(other.verdict))
    .map((finding) => ({
      verdict: finding.verdict,
      text: [finding.text, finding.remedy].filter(Boolean).join(". "),
      remedy: remedyOf(file, finding),
    }));
}
