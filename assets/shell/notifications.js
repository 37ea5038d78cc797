/** @typedef {import("../types/page").Notifications} Notifications */
/** @typedef {import("../types/page").NotificationState} State */

import { signal } from "#shell/signal";
import { asFlag } from "#shell/store";

const PROMPT_LENGTH = 120;

/**
 * News of finished videos outside of the page, if the browser allows them and the visitor wants them.
 *
 * @param {import("../types/page").Store} store keeps the choice
 * @returns {Notifications}
 */
export function createNotifications(store) {
  const KEY = "notify";
  const changed = /** @type {Notifications["changed"]} */ (signal());
  const supported = "Notification" in window;

  /** @returns {State} */
  function state() {
    if (!supported) return "unsupported";
    if (Notification.permission === "denied") return window.top === window ? "blocked" : "framed";
    return Notification.permission === "granted" && store.get(KEY, asFlag) === true ? "on" : "off";
  }
  /** @param {boolean} wanted */
  function remember(wanted) {
    store.set(KEY, wanted);
    changed.emit();
  }
  /* Allowed or blocked elsewhere, in the browser's own settings. */
  if (supported) {
    navigator.permissions
      ?.query({ name: "notifications" })
      .then((permission) => permission.addEventListener("change", () => changed.emit()))
      .catch(() => {}); /* a browser that tells it of no permission */
  }
  return {
    state,
    changed,
    asked: () => store.get(KEY, asFlag) !== null,
    async enable() {
      if (!supported) return state();
      if (Notification.permission === "default") await Notification.requestPermission();
      remember(Notification.permission === "granted");
      return state();
    },
    disable() {
      remember(false);
    },
    notify(job) {
      if (state() !== "on") return;
      const icon = job.video?.poster;
      try {
        const news = new Notification(job.label, {
          body: job.prompt.slice(0, PROMPT_LENGTH),
          tag: job.id,
          ...(icon ? { icon } : {}),
        });
        news.addEventListener("click", () => {
          window.focus();
          news.close();
        });
      } catch {
        /* a phone's browser, which lets only workers notify */
      }
    },
  };
}
