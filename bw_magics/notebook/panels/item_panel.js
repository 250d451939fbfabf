// The form for one item below a cell, which waits for it. The kernel's side is item_panel.py.

import { Conversation } from "./conversation.js";
import { element, region, shield, statusText } from "./elements.js";
import { sealedForm } from "./sealed_form.js";
import { introduce, whenSeen } from "./view.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {import("./item_form.js").ItemForm} ItemForm
 */

const SEALED_FORM = "Encrypted in your browser. Never saved in the notebook.";

/** The card with the form. */
class ItemPanel {
  #model;
  #binding;
  #conversation;
  #card = region("div", "bw-card bw-browser bw-item-panel", "group", "Item");
  #place = element("div");
  #progress = statusText("bw-progress");
  /** @type {ItemForm | null} */
  #form = null;

  /**
   * @param {Model} model
   * @param {{binding: string}} about
   */
  constructor(model, about) {
    this.#model = model;
    this.#binding = about.binding;
    this.#conversation = new Conversation(model, about.binding, (answer, isAsked) => {
      if (answer.kind === "progress") this.#progress.textContent = answer.text;
      if (answer.kind === "form" && !isAsked && !this.#form) this.#draw(answer);
    });
    this.#card.append(this.#place, this.#progress, element("div", "bw-hint", SEALED_FORM));
    shield(this.#card);
    this.#card.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.#stop();
    });
  }

  /** @param {HTMLElement} el */
  attach(el) {
    const end = this.#conversation.begin();
    el.append(this.#card);
    const stopLooking = whenSeen(this.#card, () => this.#conversation.announce());
    return () => {
      stopLooking();
      this.#form?.forget();
      end();
      this.#card.remove();
    };
  }

  /**
   * Draws a form; one of another type keeps the typed values, as far as it has the same fields.
   *
   * @param {any} about
   */
  #draw(about) {
    const typed = this.#form?.changes() ?? {};
    const isFirst = !this.#form;
    this.#form?.forget();
    const form = sealedForm(about, this.#binding, this.#conversation, {
      saved: () => form.forget(),
      cancel: () => this.#stop(),
      other: (answer) => this.#draw(answer),
    });
    this.#form = form;
    this.#place.replaceChildren(form.root);
    form.take(typed);
    if (isFirst) form.focus();
    else form.focusType();
  }

  #stop() {
    this.#form?.forget();
    this.#model.send({ t: "cancel" });
  }
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  return introduce(model, el, "item", ({ about }) => new ItemPanel(model, about).attach(el));
}

export default { render };
