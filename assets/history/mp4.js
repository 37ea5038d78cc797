const HEAD = 16;
const MOOV = 0x6d_6f_6f_76;

/**
 * The index of an MP4, which holds what is written into it: a few kilobytes of what may be many megabytes.
 *
 * @param {Blob} file
 * @returns {Promise<Blob>} empty where there is none
 */
export async function indexOf(file) {
  for (let at = 0; at + 8 <= file.size;) {
    const head = new DataView(await file.slice(at, at + HEAD).arrayBuffer());
    let size = head.getUint32(0);
    if (size === 1 && head.byteLength === HEAD) size = Number(head.getBigUint64(8));
    if (size === 0) size = file.size - at;
    if (size < 8) break;
    if (head.getUint32(4) === MOOV) return file.slice(at, Math.min(at + size, file.size));
    at += size;
  }
  return file.slice(0, 0);
}
