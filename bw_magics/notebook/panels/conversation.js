// What a panel asks the kernel, and the sealed answers.

import { Receiver } from "./receiver.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {(answer: any, number: number) => void} Then
 */

/** Numbered questions to the kernel; each answer comes sealed to a key of the panel's own. */
export class Conversation {
  #model;
  #receiver;
  #unasked;
  #questions = 0;
  /** @type {Map<number, Then>} */
  #waiting = new Map();

  /**
   * @param {Model} model
   * @param {string} binding names the panel
   * @param {(answer: any, isAsked: boolean) => void} hear gets every answer before it is passed on
   */
  constructor(model, binding, hear) {
    this.#model = model;
    this.#receiver = new Receiver(model, binding);
    this.#unasked = hear;
  }

  /** Listens, until the returned function is called. */
  begin() {
    /** @param {any} message */
    const listen = (message) => this.#receive(message);
    this.#model.on("msg:custom", listen);
    return () => {
      this.#model.off("msg:custom", listen);
      this.#receiver.forget();
    };
  }

  /** Says that a person can see the panel, and to which key the kernel seals. */
  announce() {
    return this.#receiver.announce();
  }

  /**
   * Asks the kernel; `then` gets the answer.
   *
   * @param {string} what
   * @param {object} rest
   * @param {Then} then
   */
  ask(what, rest, then) {
    this.#questions += 1;
    this.#waiting.set(this.#questions, then);
    this.#model.send({ t: "ask", n: this.#questions, what_for: what, ...rest });
    return this.#questions;
  }

  /** @param {any} message */
  async #receive(message) {
    if (message?.t !== "answer") return;
    const answer = await this.#receiver.open(message);
    if (!answer) return;
    const then = this.#waiting.get(answer.n);
    this.#waiting.delete(answer.n);
    this.#unasked(answer, then !== undefined);
    then?.(answer, answer.n);
  }
}
