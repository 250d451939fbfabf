// The key of one view: the kernel seals to it what only this view may show.

import { canSeal, newKey, publicBytes, toBase64, unseal } from "./sealing.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {import("./sealing.js").SealedMessage} SealedMessage
 */

/** A key pair that lives as long as its view. */
export class Receiver {
  /** @type {CryptoKeyPair | null} */
  #pair = null;
  #model;
  #binding;

  /**
   * @param {Model} model
   * @param {string} binding names the panel
   */
  constructor(model, binding) {
    this.#model = model;
    this.#binding = binding;
  }

  /** Makes the key and sends its public half; on a page that cannot decrypt, sends none. */
  async announce() {
    if (!canSeal) return this.#model.send({ t: "ready" });
    this.#pair = await newKey();
    return this.#model.send({ t: "ready", key: toBase64(await publicBytes(this.#pair)) });
  }

  /**
   * Decrypts a message. Returns null where the key is forgotten or belongs to another view.
   *
   * @param {{sealed: SealedMessage, nonce: string}} message
   */
  async open({ sealed, nonce }) {
    if (!this.#pair) return null;
    try {
      const opened = await unseal(sealed, this.#pair, this.#binding, nonce);
      return this.#pair && opened; // the view may have ended meanwhile
    } catch {
      return null;
    }
  }

  /** Drops the key: nothing can be opened after it. */
  forget() {
    this.#pair = null;
  }
}
