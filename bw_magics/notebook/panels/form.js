// The masked form: knows labels and a public key, sends what is typed once, sealed, and forgets
// it. The kernel's side is form.py.

import { bothHalves } from "./api_key_paste.js";
import { button, element, keepOff, shield, statusText } from "./elements.js";
import { canSeal, fromBase64, seal } from "./sealing.js";
import { introduce, whenSeen } from "./view.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {{name: string, label: string, masked: boolean, placeholder?: string}} Field
 *
 * @typedef {object} Question  What the form asks, for as long as it is on the page.
 * @property {string} binding names the form
 * @property {string} key the kernel's public key, base64
 * @property {string} title
 * @property {string} server
 * @property {string} [source]
 * @property {string} [warning]
 * @property {string} button
 * @property {string} hint
 * @property {Field[]} fields
 *
 * @typedef {object} Round  One time of asking; a refused answer leads to another.
 * @property {string} nonce names the round, base64
 * @property {string[]} fields the names of those that are asked for
 * @property {string} [title]
 * @property {string} [button]
 * @property {string} [problem]
 */

const PLAIN_HTTP =
  "This page is not encrypted (plain http), so the browser cannot seal what you type: " +
  "it crosses the network readable. Open this server with https to avoid that.";
const SEALED = "Encrypted in your browser. Never saved in the notebook.";
const CANNOT_SEAL = "The browser could not encrypt it. Reload the page and run the cell again.";

/** @param {string} text */
function warning(text) {
  const made = element("div", "bw-note bw-warning", text);
  made.setAttribute("role", "note");
  return made;
}

/** One labelled input. */
class Row {
  #field;
  /** @type {HTMLElement} */
  root = element("div", "bw-row");
  input = element("input", "bw-input");

  /**
   * @param {Field} field
   * @param {string} unique the beginning of the form's element ids
   */
  constructor(field, unique) {
    this.#field = field;
    const label = element("label", "bw-label", field.label);
    const { input } = this;
    input.type = field.masked ? "password" : "text";
    input.id = `${unique}-${field.name}`;
    input.name = input.id;
    label.htmlFor = input.id;
    input.required = true;
    input.setAttribute("aria-describedby", `${unique}-problem ${unique}-hint`);
    if (field.placeholder) input.placeholder = field.placeholder;
    keepOff(input);
    this.root.append(label, input);
  }

  get name() {
    return this.#field.name;
  }

  get label() {
    return this.#field.label;
  }

  get isEmpty() {
    return !this.input.value;
  }

  /** Empties a masked input. */
  forgetMasked() {
    if (this.input.type === "password") this.input.value = "";
  }
}

/** The elements of the form, without what they do. */
class Card {
  root = element("form", "bw-card");
  title;
  problem = element("div", "bw-problem");
  progress = statusText("bw-progress");
  cancel = button("Cancel", "");
  submit;
  hint;
  /** @type {Map<string, Row>} */
  rows = new Map();

  /** @param {Question} question */
  constructor(question) {
    const unique = `bw-${question.binding}`;
    this.title = element("div", "bw-title", question.title);
    this.submit = element("button", "bw-button bw-primary", question.button);
    this.hint = element("div", "bw-hint", question.hint);
    this.root.noValidate = true;
    this.root.autocomplete = "off";
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-labelledby", `${unique}-title`);
    this.title.id = `${unique}-title`;
    this.problem.id = `${unique}-problem`;
    this.problem.setAttribute("role", "alert");
    this.submit.type = "submit";
    this.hint.id = `${unique}-hint`;
    for (const field of question.fields) this.rows.set(field.name, new Row(field, unique));
    shield(this.root);
    this.#arrange(question);
  }

  /** @param {Question} question */
  #arrange(question) {
    const head = element("div", "bw-head");
    head.append(this.title, element("div", "bw-server", question.server));
    const actions = element("div", "bw-actions");
    actions.append(this.submit, this.cancel, this.progress);
    this.root.append(head);
    if (question.source) this.root.append(element("div", "bw-source", question.source));
    if (question.warning) this.root.append(warning(question.warning));
    if (!canSeal) this.root.append(warning(PLAIN_HTTP));
    for (const row of this.rows.values()) this.root.append(row.root);
    this.root.append(this.problem, actions, this.hint);
    if (canSeal) this.root.append(element("div", "bw-hint", SEALED));
  }

  /** @param {boolean} on */
  enable(on) {
    for (const { input } of this.rows.values()) input.disabled = !on;
    this.submit.disabled = !on;
    this.cancel.disabled = !on;
    this.root.classList.toggle("bw-busy", !on);
  }

  /**
   * Shows a problem, and marks the row where it is. An empty text takes it away.
   *
   * @param {string} text
   * @param {Row} [at]
   */
  complain(text, at) {
    this.problem.textContent = text;
    for (const { input } of this.rows.values()) input.removeAttribute("aria-invalid");
    at?.input.setAttribute("aria-invalid", "true");
  }

  forgetMasked() {
    for (const row of this.rows.values()) row.forgetMasked();
  }

  forgetAll() {
    for (const { input } of this.rows.values()) input.value = "";
  }
}

/** A form on the page, and the conversation with the kernel. */
class Form {
  #model;
  #question;
  #card;
  /** @type {string | null} */
  #nonce = null;
  /** @type {Row[]} */
  #asked = [];

  /**
   * @param {Model} model
   * @param {Question} question
   */
  constructor(model, question) {
    this.#model = model;
    this.#question = question;
    this.#card = new Card(question);
    const { root, cancel } = this.#card;
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit().catch(() => this.#couldNotSeal());
    });
    cancel.addEventListener("click", () => this.#stop());
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || cancel.disabled) return;
      event.preventDefault();
      this.#stop();
    });
    root.addEventListener("keyup", (event) => this.#warnOfCapsLock(event));
    root.addEventListener("paste", (event) => this.#paste(event));
  }

  /**
   * Adds the form to the page and asks the first round.
   *
   * @param {HTMLElement} el
   * @param {Round} first
   */
  attach(el, first) {
    /** @param {any} message */
    const listen = (message) => {
      if (message?.t === "progress") this.#card.progress.textContent = message.text;
      if (message?.t === "ask") this.#ask(message);
    };
    this.#model.on("msg:custom", listen);
    el.append(this.#card.root);
    const stopLooking = whenSeen(this.#card.root, () => {
      this.#model.send({ t: "ready" });
      this.#focusFirstEmpty();
    });
    this.#ask(first);
    return () => {
      stopLooking();
      this.#model.off("msg:custom", listen);
      this.#card.forgetAll();
      this.#card.root.remove();
    };
  }

  /**
   * Asks a round. The kernel repeats a round for views that come later; this one ignores that.
   *
   * @param {Round} round
   */
  #ask(round) {
    if (round.nonce === this.#nonce) return;
    this.#nonce = round.nonce;
    this.#asked = [];
    for (const row of this.#card.rows.values()) {
      row.root.hidden = !round.fields.includes(row.name);
      if (!row.root.hidden) this.#asked.push(row);
    }
    if (round.title) {
      this.#card.title.textContent = round.title;
      this.#card.hint.textContent = "";
    }
    if (round.button) this.#card.submit.textContent = round.button;
    this.#card.forgetMasked();
    this.#card.progress.textContent = "";
    this.#card.enable(true);
    if (!round.problem) return;
    this.#card.complain(round.problem, this.#firstEmpty());
    this.#focusFirstEmpty();
  }

  #firstEmpty() {
    return this.#asked.find((row) => row.isEmpty) ?? this.#asked[0];
  }

  #focusFirstEmpty() {
    this.#firstEmpty()?.input.focus({ preventScroll: true });
  }

  /** Sends the values once and empties the masked inputs before anything can fail. */
  async #submit() {
    const empty = this.#asked.find((row) => row.isEmpty);
    if (empty) {
      this.#card.complain(`${empty.label} is empty.`, empty);
      empty.input.focus();
      return;
    }
    const nonce = this.#nonce ?? "";
    const values = Object.fromEntries(this.#asked.map(({ name, input }) => [name, input.value]));
    this.#card.complain("");
    this.#card.enable(false);
    this.#card.forgetMasked();
    this.#card.progress.textContent = "checking …";
    const { key, binding } = this.#question;
    const answer = canSeal
      ? { sealed: await seal(values, fromBase64(key), binding, nonce) }
      : { clear: values };
    this.#model.send({ t: "submit", nonce, ...answer });
  }

  #couldNotSeal() {
    this.#card.enable(true);
    this.#card.progress.textContent = "";
    this.#card.complain(CANNOT_SEAL);
  }

  #stop() {
    this.#card.forgetAll();
    this.#card.enable(false);
    this.#model.send({ t: "cancel" });
  }

  /** @param {KeyboardEvent} event */
  #warnOfCapsLock(event) {
    const isMasked = event.target instanceof HTMLInputElement && event.target.type === "password";
    // The event of a browser that fills in a form is not a KeyboardEvent.
    const isOn = isMasked && event.getModifierState?.("CapsLock");
    this.#card.progress.textContent = isOn ? "Caps Lock is on" : "";
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const halves = bothHalves(event.clipboardData?.getData("text") ?? "");
    const id = this.#card.rows.get("client_id");
    const secret = this.#card.rows.get("client_secret");
    if (!halves || !id || !secret) return;
    event.preventDefault();
    [id.input.value, secret.input.value] = halves;
    this.#focusFirstEmpty();
  }
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  return introduce(model, el, "ask", (message) =>
    new Form(model, message.about).attach(el, message),
  );
}

export default { render };
