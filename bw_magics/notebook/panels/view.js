// The life of a panel's view: from the kernel's first message until the kernel is gone.

import { element } from "./elements.js";

/**
 * @typedef {object} Signal  A signal of JupyterLab's kernel connection.
 * @property {(listener: (...values: any[]) => void) => void} connect
 * @property {(listener: (...values: any[]) => void) => void} disconnect
 *
 * @typedef {object} Model  anywidget's model, as far as panels use it.
 * @property {(message: object) => void} send
 * @property {(event: string, listener: (message: any) => void) => void} on
 * @property {(event: string, listener: (message: any) => void) => void} off
 * @property {{kernel?: {statusChanged?: Signal, disposed?: Signal}}} [widget_manager]
 *
 * @typedef {() => void} Stop
 */

const SMALLEST = 20; // pixels a side: a smaller element cannot be read
const SCROLL_EVERY = 350; // ms
const SCROLLS = 8;
const PATIENCE = 3000; // ms until the kernel's first message counts as missing
const ENDED = ["restarting", "autorestarting", "terminating", "dead"];

/** @param {HTMLElement} root */
function isVisible(root) {
  if (document.hidden || !root.isConnected) return false;
  const box = root.getBoundingClientRect();
  if (box.width < SMALLEST || box.height < SMALLEST) return false;
  return root.checkVisibility?.({ visibilityProperty: true }) ?? true;
}

/**
 * Calls `seen` once, when a person can see the element: half of it is on the screen and the page
 * is not in the background. Scrolls to an element elsewhere on the page.
 *
 * @param {HTMLElement} root
 * @param {() => void} seen
 * @returns {Stop}
 */
export function whenSeen(root, seen) {
  let done = false;
  let onScreen = false;
  let tries = 0;
  const stop = () => {
    done = true;
    clearInterval(scroll);
    observer.disconnect();
    document.removeEventListener("visibilitychange", look);
  };
  const look = () => {
    if (done || !onScreen || !isVisible(root)) return;
    stop();
    seen();
  };
  const observer = new IntersectionObserver(
    (entries) => {
      const last = entries[entries.length - 1];
      onScreen = last.isIntersecting && last.intersectionRatio >= 0.5;
      look();
    },
    { threshold: [0, 0.25, 0.5, 0.75, 1] },
  );
  const scroll = setInterval(() => {
    look();
    if (done || document.hidden || !root.isConnected) return;
    tries += 1;
    if (tries > SCROLLS) clearInterval(scroll);
    else root.scrollIntoView({ block: "center" });
  }, SCROLL_EVERY);
  document.addEventListener("visibilitychange", look);
  observer.observe(root);
  return stop;
}

/**
 * Calls `gone` once, when the kernel restarts, dies, is shut down or is exchanged. The widget
 * manager reports the first itself (`comm_live_update`). The others come from the kernel
 * connection, in front ends that show it.
 *
 * @param {Model} model
 * @param {() => void} gone
 * @returns {Stop}
 */
export function whenKernelGone(model, gone) {
  const kernel = model.widget_manager?.kernel;
  const stop = () => {
    model.off("comm_live_update", end);
    kernel?.statusChanged?.disconnect(look);
    kernel?.disposed?.disconnect(end);
  };
  const end = () => {
    stop();
    gone();
  };
  /**
   * @param {unknown} _
   * @param {string} status
   */
  const look = (_, status) => {
    if (ENDED.includes(status)) end();
  };
  model.on("comm_live_update", end);
  kernel?.statusChanged?.connect(look);
  kernel?.disposed?.connect(end);
  return stop;
}

/**
 * Waits for the kernel's first message of a kind, then draws the panel. A view from a saved
 * notebook, or after the page was reloaded, gets no message: it says that the panel has ended.
 *
 * @param {Model} model
 * @param {HTMLElement} el
 * @param {string} kind
 * @param {(message: any) => Stop} draw returns what removes the panel
 * @returns {Stop}
 */
export function introduce(model, el, kind, draw) {
  const over = element("div", "bw-over");
  el.append(over);
  const late = setTimeout(() => {
    over.textContent = "What was here is over. Run the cell again to see it again.";
  }, PATIENCE);
  /** @type {Stop | null} */
  let undraw = null;
  /** @param {any} message */
  const listen = (message) => {
    if (undraw || message?.t !== kind) return;
    clearTimeout(late);
    over.remove();
    document.removeEventListener("visibilitychange", tell);
    undraw = draw(message);
  };
  const tell = () => model.send({ t: "loaded", hidden: document.hidden });
  const leave = () => {
    clearTimeout(late);
    stopWatching();
    document.removeEventListener("visibilitychange", tell);
    model.off("msg:custom", listen);
    undraw?.();
    undraw = null;
  };
  const stopWatching = whenKernelGone(model, () => {
    leave();
    over.textContent = "The kernel is gone. Run the cell again.";
    el.replaceChildren(over);
  });
  model.on("msg:custom", listen);
  document.addEventListener("visibilitychange", tell);
  tell();
  return leave;
}
