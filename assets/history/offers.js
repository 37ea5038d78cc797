import { MOST_AT_ONCE } from "#shell/changes";

/** What can be done with the videos that are selected, and why not. */

/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {"zip" | "compare" | "delete"} Action */

const FEWEST = 2;
const MOST = 6;

/**
 * The key of the reason why not, by action; empty where it can be done.
 *
 * @param {readonly EntryView[]} entries
 * @returns {Record<Action, string>}
 */
export function hindrances(entries) {
  const videos = entries.filter(isVideo).length;
  let zip = videos > 0 ? "" : "history.zip.none";
  if (entries.length > MOST_AT_ONCE) zip = "history.zip.many";
  let compare = videos < FEWEST ? "history.compare.few" : "";
  if (videos > MOST) compare = "history.compare.many";
  return { zip, compare, delete: entries.some((entry) => entry.ended) ? "" : "history.delete.none" };
}

/** @param {EntryView} entry */
export function isVideo(entry) {
  return entry.preview !== null;
}
