/** Amounts of money, worked out and written exactly as the studio does. */

/** @typedef {import("../../types/views").RateView} RateView */

/**
 * A decimal number as an integer and how many of its digits are behind the point.
 *
 * @param {string} text
 * @returns {{ value: bigint, digits: number }}
 */
function decimal(text) {
  const [whole = "0", part = ""] = text.split(".");
  return { value: BigInt(whole + part), digits: part.length };
}

/**
 * `value` / 10 ** `digits` in hundredths; a half goes to the even one, as in the studio.
 *
 * @param {bigint} value
 * @param {number} digits
 */
function hundredths(value, digits) {
  if (digits <= 2) return value * 10n ** BigInt(2 - digits);
  const unit = 10n ** BigInt(digits - 2);
  const [whole, rest] = [value / unit, (value % unit) * 2n];
  return whole + (rest > unit || (rest === unit && whole % 2n === 1n) ? 1n : 0n);
}

/**
 * What so many tenths of a second cost.
 *
 * @param {RateView} rate
 * @param {number} tenths billed
 * @returns {string} such as `¥27.00` or `137.5 credits`
 */
export function price(rate, tenths) {
  const { value, digits } = decimal(rate.amount);
  const amount = hundredths(value * BigInt(tenths), digits + 1);
  const whole = (amount / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  const part = (amount % 100n).toString().padStart(2, "0");
  if (rate.sign) return `${rate.sign}${whole}.${part}`;
  const short = part.replace(/0+$/, "");
  return `${whole}${short && `.${short}`} ${rate.unit}`;
}
