/* What a form waits for before it may be sent: files on their way to it, settings that are being filled in. Until they
   are there, Generate does nothing: it would buy what the form was before. */
(() => {
  const holds = new Set();
  const asked = {};
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
  /* For an event that the server answers by changing the form of `mode`: `send` triggers it once those before it have
     ended, so that the last asked for is what stays. The promise is kept when it has ended itself: Gradio tells so,
     whatever became of it and whether or not the form is drawn yet. */
  function awaitAnswer(mode, text, send) {
    const queue = asked[mode] ||= [];
    let done;
    const arrived = new Promise((resolve) => { done = resolve; });
    const one = { send, end() { release(); done(); } };
    const release = hold(mode, text, { cancel: () => leave(mode, one) });
    queue.push(one);
    if (queue[0] === one) send();
    return arrived;
  }
  function leave(mode, one) {
    const queue = asked[mode] || [];
    const first = queue[0] === one;
    asked[mode] = queue.filter((other) => other !== one);
    one?.end();
    if (first) asked[mode][0]?.send();
  }
  Object.assign(window.studio, {
    hold,
    held: (mode) => [...holds].filter((one) => !one.mode || one.mode === mode),
    awaitAnswer,
    arrived: (mode) => leave(mode, asked[mode]?.[0]),
  });
})();
