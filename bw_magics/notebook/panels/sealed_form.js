// Wires an item's form to the kernel: values go there sealed, once for each nonce.

import { ItemForm } from "./item_form.js";
import { fromBase64, seal } from "./sealing.js";

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 *
 * @typedef {object} Ends
 * @property {(answer: any) => void} saved
 * @property {() => void} cancel
 * @property {(about: any) => void} other draws the form of another type
 */

const CANNOT_SEND = "The browser could not encrypt it. Reload the page and run the cell again.";

/**
 * Makes the form that the kernel describes.
 *
 * @param {any} about
 * @param {string} panel names the panel
 * @param {Conversation} conversation
 * @param {Ends} ends
 */
export function sealedForm(about, panel, conversation, ends) {
  let { nonce } = about;
  const form = new ItemForm(about, `bw-${panel}`, {
    save: async (values) => {
      let sealed;
      try {
        sealed = await seal(values, fromBase64(about.key), panel, nonce);
      } catch {
        form.complain(CANNOT_SEND);
        return;
      }
      conversation.ask("save", { sealed, nonce }, (answer) => {
        if (answer.kind === "refused") nonce = answer.nonce;
        if (answer.kind === "saved") ends.saved(answer);
        else form.complain(answer.text ?? "");
      });
    },
    cancel: ends.cancel,
    choose: (type) =>
      conversation.ask("new", { type }, (answer) => {
        if (answer.kind === "form") ends.other(answer);
        else form.complain(answer.text ?? "");
      }),
    generate: (then) =>
      conversation.ask("generate", {}, (answer) => {
        if (answer.kind === "value") then(answer.value);
      }),
  });
  return form;
}
