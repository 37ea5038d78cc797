/** @typedef {import("../types/page").Dates} Dates */

/**
 * @param {import("../types/page").Words} words
 * @param {string} locale
 * @param {() => Date} [today]
 * @returns {Dates}
 */
export function createDates(words, locale, today = () => new Date()) {
  const both = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "full" });
  const near = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const hours = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

  /** @param {number} at */
  function moment(at) {
    return both.format(at * 1000);
  }

  return {
    moment,
    day(at) {
      const days = Math.round((midnight(new Date(at * 1000)) - midnight(today())) / 86_400_000);
      if (days !== 0 && days !== -1) return date.format(at * 1000);
      const name = near.format(days, "day");
      return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
    },
    time(at) {
      return hours.format(at * 1000);
    },
    clock(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      const pad = (/** @type {number} */ part) => String(part).padStart(2, "0");
      return hour ? `${hour}:${pad(minute)}:${pad(second)}` : `${minute}:${pad(second)}`;
    },
    seconds(seconds, digits = 1) {
      return words("seconds", { seconds: Number(seconds.toFixed(digits)) });
    },
    dated({ text, at }) {
      return at ? text.replace("{at}", moment(at)) : text;
    },
  };
}

/** @param {Date} when */
function midnight(when) {
  return new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
}
