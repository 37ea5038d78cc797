/* What can be made of a finished video. `shown` gives the seconds at which a player stands, or null. */
window.studio.onward = (job, shown, complain) => {
  const { words, make, button, ask, use, remembered } = window.studio;
  const box = make("details", "onward");
  const row = make("div", "onward-row");
  const post = (what) => ask("jobs/" + job.id + "/" + what, {});
  const frame = () => post("frame" + (shown() === null ? "" : "?at=" + shown().toFixed(3)));
  /* The form goes on from how it was left; only the file is new. */
  const into = (mode, files) => use({ ...remembered()[mode], mode, ...files });
  const steps = {
    "onward.first-frame": async () => into("image-to-video", { first_frame: [await frame()] }),
    "onward.reference": async () => {
      const before = remembered()["reference-to-video"]?.references || [];
      into("reference-to-video", { references: [...before, await frame()] });
    },
    "onward.edit": async () => into("video-edit", { video: [await post("clip")] }),
    "onward.again": () => post("again"),
    "onward.new-seed": () => post("again?seed=new"),
  };
  for (const [key, step] of Object.entries(steps)) {
    const node = button(words(key, { price: job.price }), "button", async () => {
      node.disabled = true;
      try {
        await step();
        box.open = false;
      } catch (error) { complain(error.message); }
      node.disabled = false;
    });
    row.append(node);
  }
  box.append(make("summary", "button", words("onward")), row);
  return box;
};
