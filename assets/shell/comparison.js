/** The address of a comparison: `compare=<id>,<id>`, and `&from=create` where it was begun there. */

/** @typedef {"create" | "history"} Area */

/** @param {readonly string[]} ids @param {Area} from the area of the page that it leads back to */
export function addressOf(ids, from) {
  return `compare=${ids.join()}${from === "history" ? "" : `&from=${from}`}`;
}

/**
 * @param {string} rest what follows the name in the address
 * @returns {{ ids: string[], from: Area }}
 */
export function readAddress(rest) {
  const [ids = "", from] = rest.split("&from=");
  return { ids: ids.split(",").filter(Boolean), from: from === "create" ? from : "history" };
}
