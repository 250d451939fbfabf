// The reveal panel: gets one value sealed to its own key, shows it until a deadline and forgets
// it. The kernel's side is reveal.py.

import { countdown } from "./countdown.js";
import { button, element, region, shield, statusText } from "./elements.js";
import { Receiver } from "./receiver.js";
import { introduce, whenSeen } from "./view.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {{label: string, binding: string, seconds: number}} About
 */

const HIDDEN = "••••••••";

/** One value that can be shown, copied and hidden. */
class RevealPanel {
  #model;
  #about;
  #receiver;
  #stopClock = () => {};
  #card;
  #value;
  #copy = button("Copy", "bw-primary");
  #hide = button("Hide", "");
  #progress = statusText("bw-progress", "…");

  /**
   * @param {Model} model
   * @param {About} about
   */
  constructor(model, about) {
    this.#model = model;
    this.#about = about;
    this.#receiver = new Receiver(model, about.binding);
    this.#card = region("div", "bw-card bw-panel", "group", about.label);
    this.#value = region("div", "bw-value", "textbox", `The value of ${about.label}`);
    this.#value.setAttribute("aria-readonly", "true");
    this.#value.tabIndex = 0;
    const actions = element("div", "bw-actions");
    actions.append(this.#copy, this.#hide, this.#progress);
    this.#card.append(element("div", "bw-source", about.label), this.#value, actions);
    this.#enable(false);
    shield(this.#card);
    this.#copy.addEventListener("click", () => this.#copyValue());
    this.#hide.addEventListener("click", () => this.forget());
    this.#card.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.forget();
    });
  }

  /**
   * Adds the panel to the page; it asks for the value when a person can see it.
   *
   * @param {HTMLElement} el
   */
  attach(el) {
    /** @param {any} message */
    const listen = (message) => this.#receive(message);
    this.#model.on("msg:custom", listen);
    el.append(this.#card);
    const stopLooking = whenSeen(this.#card, () => this.#receiver.announce());
    return () => {
      stopLooking();
      this.#model.off("msg:custom", listen);
      this.forget();
      this.#card.remove();
    };
  }

  /** Removes the value and the key from this page. */
  forget() {
    this.#stopClock();
    this.#receiver.forget();
    this.#value.textContent = HIDDEN;
    this.#enable(false);
    this.#progress.textContent = "hidden";
  }

  /** @param {boolean} on */
  #enable(on) {
    this.#copy.disabled = !on;
    this.#hide.disabled = !on;
  }

  /** @param {any} message */
  async #receive(message) {
    if (message?.t === "hide") return this.forget();
    if (message?.t !== "value") return undefined;
    const opened = await this.#receiver.open(message);
    if (!opened) return undefined;
    this.#receiver.forget();
    this.#show(opened.value);
    return this.#model.send({ t: "shown", ok: true });
  }

  /** @param {string} text */
  #show(text) {
    this.#value.textContent = text;
    this.#enable(true);
    this.#copy.focus({ preventScroll: true });
    this.#progress.setAttribute("aria-live", "off");
    this.#stopClock = countdown(
      this.#about.seconds,
      (left) => {
        this.#progress.textContent = `hidden in ${left} s`;
      },
      () => this.forget(),
    );
  }

  async #copyValue() {
    try {
      await navigator.clipboard.writeText(this.#value.textContent ?? "");
      this.#copy.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(this.#value);
      this.#copy.textContent = "Press Ctrl+C";
    }
  }
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  return introduce(model, el, "show", ({ about }) => new RevealPanel(model, about).attach(el));
}

export default { render };
