/** What stands in the pill over the name of an image: its picture, and what the text says as far as there is room. */

/**
 * What a name says, and how wide that is; in ems of the prompt's letters, as all here.
 *
 * @typedef {{ text: string, width: number }} Label
 */

/**
 * @typedef {object} Filling
 * @property {string} label
 * @property {number} picture how wide the picture is; none: 0
 * @property {number} gap between the picture and the label
 * @property {number} size of the label's letters
 */

const PICTURE = { wide: 1.12, narrow: 0.8 };
const GAP = { wide: 0.26, narrow: 0.18 };
/** Beside the label: so its letters do not touch the end of the pill. */
const EDGE = 0.16;
const LARGEST = 0.86;
/** Smaller letters cannot be read. */
const SMALLEST = 0.68;
const DIGIT = 0.64;

/**
 * What is written in a pill: what the text says, and the number alone where that is too wide beside the picture.
 *
 * @param {number} room how wide the pill is
 * @param {Label} said
 * @param {number} number
 * @param {boolean} hasPicture
 * @returns {Filling}
 */
export function filled(room, said, number, hasPicture) {
  if (!hasPicture) return { label: said.text, picture: 0, gap: 0, size: sizeIn(room - EDGE, said) };
  for (const how of /** @type {const} */ (["wide", "narrow"])) {
    const filling = { label: said.text, picture: PICTURE[how], gap: GAP[how] };
    const size = sizeIn(room - PICTURE[how] - GAP[how] - EDGE, said);
    if (size >= SMALLEST) return { ...filling, size };
  }
  const label = String(number);
  const width = label.length * DIGIT;
  const size = sizeIn(room - EDGE, { text: label, width });
  const left = room - width * size - EDGE;
  return { label, picture: Math.max(0, Math.min(PICTURE.wide, left)), gap: 0, size };
}

/** @param {number} room @param {Label} label */
function sizeIn(room, { width }) {
  return Math.max(0, Math.min(LARGEST, room / width));
}
