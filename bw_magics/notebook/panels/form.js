// The masked form: knows labels and a public key, sends the answers once, sealed, and forgets
// it. The kernel's side is form.py.

import { bothHalves } from "./api_key_paste.js";
import { button, element, shield, statusText } from "./elements.js";
import { Row, ServerRow } from "./form_row.js";
import { KeyPageLink } from "./key_page.js";
import { canSeal, fromBase64, seal } from "./sealing.js";
import { introduce, whenSeen } from "./view.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {import("./form_row.js").Field} Field
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
 * @property {string} [webVault] the address of the web vault that shows the API key
 * @property {Field[]} fields
 *
 * @typedef {object} Round  One time of asking; a refused answer leads to another.
 * @property {string} nonce names the round, base64
 * @property {string[]} fields the names of those that are asked for
 * @property {string} [title]
 * @property {string} [button]
 * @property {string} [problem]
 * @property {string} [at] the name of the field that the problem is in
 * @property {boolean} [keeps] whether the answers are to be sent once more
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

/** The elements of the form, without what they do. */
class Card {
  root = element("form", "bw-card");
  title;
  problem = element("div", "bw-problem");
  progress = statusText("bw-progress");
  cancel = button("Cancel", "");
  /** Shows the text of masked inputs, until the focus leaves the form. */
  show = button("Show", "bw-show");
  submit;
  hint;
  #link = new KeyPageLink();
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
    for (const field of question.fields) {
      this.rows.set(field.name, new (field.choices?.length ? ServerRow : Row)(field, unique));
    }
    this.showTyped(false);
    shield(this.root);
    this.#arrange(question);
  }

  /** @param {Question} question */
  #arrange(question) {
    const head = element("div", "bw-head");
    head.append(this.title, element("div", "bw-server", question.server));
    const actions = element("div", "bw-actions");
    actions.append(this.submit, this.cancel, this.progress, this.show);
    this.root.append(head);
    if (question.source) this.root.append(element("div", "bw-source", question.source));
    if (question.warning) this.root.append(warning(question.warning));
    if (!canSeal) this.root.append(warning(PLAIN_HTTP));
    const rows = [...this.rows.values()];
    const server = rows.find((row) => row instanceof ServerRow);
    // The server comes first: a person should see where the key goes before it is typed.
    if (server) this.root.append(server.root);
    for (const row of rows) if (row !== server) this.root.append(row.root);
    this.root.append(this.problem, actions, this.hint, this.#link.root);
    if (canSeal) this.root.append(element("div", "bw-hint", SEALED));
    const lead = () => this.#link.lead(server?.address ?? question.webVault ?? "");
    for (const kind of ["input", "change"]) server?.root.addEventListener(kind, lead);
    lead();
  }

  /**
   * Shows another title; the hints belong to the first.
   *
   * @param {string} title
   */
  retitle(title) {
    this.title.textContent = title;
    this.hint.textContent = "";
    this.#link.lead("");
  }

  get isShown() {
    return this.show.textContent === "Hide";
  }

  /** @param {boolean} on */
  showTyped(on) {
    for (const row of this.rows.values()) row.show(on);
    this.show.textContent = on ? "Hide" : "Show";
    this.show.setAttribute("aria-label", `${this.show.textContent} the typed text`);
  }

  /** @param {boolean} on */
  enable(on) {
    for (const row of this.rows.values()) row.enable(on);
    for (const each of [this.submit, this.cancel, this.show]) each.disabled = !on;
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
    for (const row of this.rows.values()) row.mark(row === at);
  }

  /** Hides and empties the masked inputs. */
  forgetMasked() {
    this.showTyped(false);
    for (const row of this.rows.values()) if (row.isMasked) row.input.value = "";
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
  /** The masked values on their way to the server: kept for one more try until it has answered.
   * @type {Map<Row, string>} */
  #sent = new Map();

  /**
   * @param {Model} model
   * @param {Question} question
   */
  constructor(model, question) {
    this.#model = model;
    this.#question = question;
    this.#card = new Card(question);
    const { root, cancel, show } = this.#card;
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit().catch(() => this.#couldNotSeal());
    });
    cancel.addEventListener("click", () => this.#stop());
    show.addEventListener("click", () => {
      this.#card.showTyped(!this.#card.isShown);
      show.focus(); // Safari does not focus a button that is clicked
    });
    root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!root.contains(/** @type {Node | null} */ (relatedTarget))) this.#card.showTyped(false);
    });
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
      this.#forgetAll();
      this.#card.root.remove();
    };
  }

  #forgetAll() {
    this.#sent.clear();
    this.#card.forgetAll();
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
    if (round.title) this.#card.retitle(round.title);
    if (round.button) this.#card.submit.textContent = round.button;
    this.#card.forgetMasked();
    if (round.keeps) for (const [row, value] of this.#sent) row.input.value = value;
    this.#sent.clear();
    this.#card.progress.textContent = "";
    this.#card.enable(true);
    if (!round.problem) return;
    const wrong = this.#asked.find((row) => row.name === round.at) ?? this.#empty();
    this.#card.complain(round.problem, wrong);
    (wrong?.control ?? this.#card.submit).focus({ preventScroll: true });
  }

  #empty() {
    return this.#asked.find((row) => !row.value);
  }

  #focusFirstEmpty() {
    (this.#empty() ?? this.#asked[0])?.control.focus({ preventScroll: true });
  }

  /** Sends the values once and empties the masked inputs before anything can fail. */
  async #submit() {
    const empty = this.#empty();
    if (empty) {
      this.#card.complain(`${empty.title} is empty.`, empty);
      empty.control.focus();
      return;
    }
    const nonce = this.#nonce ?? "";
    const values = Object.fromEntries(this.#asked.map(({ name, value }) => [name, value]));
    for (const row of this.#asked) if (row.isMasked) this.#sent.set(row, row.value);
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
    this.#sent.clear();
    this.#card.enable(true);
    this.#card.progress.textContent = "";
    this.#card.complain(CANNOT_SEAL);
  }

  #stop() {
    this.#forgetAll();
    this.#card.showTyped(false);
    this.#card.enable(false);
    this.#model.send({ t: "cancel" });
  }

  /** @param {KeyboardEvent} event */
  #warnOfCapsLock(event) {
    const rows = [...this.#card.rows.values()];
    const isMasked = rows.some((row) => row.isMasked && row.input === event.target);
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
