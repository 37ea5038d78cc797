/** @typedef {import("../types/page").Words} Words */

/**
 * The texts of the page in one language.
 *
 * @param {Readonly<Record<string, string>>} table texts by key, with {blanks}
 * @param {string} language for the forms of the plural
 * @returns {Words}
 */
export function createWords(table, language) {
  const plural = new Intl.PluralRules(language);

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  function words(key, values = {}) {
    const text = table[key];
    if (text === undefined) throw new RangeError(`no words for ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  return Object.assign(words, {
    /** @type {Words["count"]} */
    count(key, count, values = {}) {
      const form = `${key}.${plural.select(count)}`;
      return words(form in table ? form : `${key}.other`, { count, ...values });
    },
    /** @param {string} key */
    has: (key) => key in table,
  });
}
