/* What can be made of a finished video. `shown` gives the seconds at which a player stands, or null. */
window.studio.onward = (job, shown, complain) => {
  const { words, make, button, ask, use, remembered, busy } = window.studio;
  const box = make("details", "onward");
  const opener = make("summary", "button", words("onward"));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.stopPropagation(); /* it closes the menu alone, not the page of the job too */
    box.open = false;
    opener.focus();
  });
  const row = make("div", "onward-row");
  const post = (what) => ask("jobs/" + job.id + "/" + what, {});
  const frame = () => post("frame" + (shown() === null ? "" : "?at=" + shown().toFixed(3)));
  /* The form goes on from how it was left; only the file is new. */
  const into = (mode, files) => use({ ...remembered()[mode], mode, ...files });
  /* While its file is made, the form waits for it. */
  const bring = async (mode, field, make) => {
    let wanted = true;
    const cancel = () => { wanted = false; release(); };
    const release = window.studio.hold(mode, words("hold.bringing"), { field, cancel });
    try {
      const file = await make();
      if (!wanted) return;
      const before = (field === "references" && remembered()[mode]?.references) || [];
      const filled = into(mode, { [field]: [...before, file] });
      release();
      await filled;
    } finally { release(); }
  };
  const steps = {
    "onward.first-frame": () => bring("image-to-video", "first_frame", frame),
    "onward.reference": () => bring("reference-to-video", "references", frame),
    "onward.edit": () => bring("video-edit", "video", () => post("clip")),
    "onward.again": () => post("again"),
    "onward.new-seed": () => post("again?seed=new"),
  };
  const forms = { "onward.first-frame": "image-to-video", "onward.reference": "reference-to-video", "onward.edit": "video-edit" };
  for (const [key, step] of Object.entries(steps)) {
    if (key in forms && window.studio.hasForm?.(forms[key]) === false) continue;
    const node = button(words(key, { price: job.price }), "button", () => busy(node, async () => {
      try {
        await step();
        box.open = false;
      } catch (error) { complain(error.message); }
    }, box));
    row.append(node);
  }
  box.append(opener, row);
  return box;
};
