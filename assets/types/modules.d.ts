/** The words of a language by their keys: the studio makes such a module of each file in studio/web/words. */
declare module "#words/*" {
  const words: Readonly<Record<import("./words").WordKey, string>>;
  export default words;
}
