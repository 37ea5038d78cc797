/* What a form waits for before it may be sent: files on their way to it, settings that are being filled in. Until they
   are there, Generate does nothing: it would buy what the form was before. */
(() => {
  const holds = new Set();
  const arrivals = new Map();
  let tickets = 0;
  const tell = () => document.dispatchEvent(new CustomEvent("studio:holds"));

  /* Let the form of `mode` wait ("" are all of them), and tell it for what. The answer ends the wait, and so does
     `cancel`, which whoever does not want to wait presses. `field` is the input that gets a file. */
  function hold(mode, text, { field, cancel } = {}) {
    const release = () => { if (holds.delete(one)) tell(); };
    const one = { mode, text, field, cancel: cancel || release };
    holds.add(one);
    tell();
    return release;
  }
  /* For an event that the server answers by changing the form: the number to send along, and when it has arrived. */
  function awaitAnswer(mode, text) {
    const number = ++tickets;
    let done;
    const arrived = new Promise((resolve) => { done = resolve; });
    const end = () => { arrivals.delete(number); release(); done(); };
    const release = hold(mode, text, { cancel: end });
    arrivals.set(number, end);
    return { number, arrived };
  }
  Object.assign(window.studio, {
    hold,
    held: (mode) => [...holds].filter((one) => !one.mode || one.mode === mode),
    awaitAnswer,
    arrived: (number) => arrivals.get(number)?.(),
  });
})();
