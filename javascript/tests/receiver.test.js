import { expect, it } from "vitest";
import { Receiver } from "../../bw_magics/notebook/panels/receiver.js";
import { fromBase64, seal, toBase64 } from "../../bw_magics/notebook/panels/sealing.js";

const NONCE = toBase64(new Uint8Array(16));

/** Makes a receiver that has announced its key, and what the kernel would seal to it. */
async function announced() {
  const sent = /** @type {any[]} */ ([]);
  const model = { send: (/** @type {object} */ message) => sent.push(message), on() {}, off() {} };
  const receiver = new Receiver(model, "panel-1");
  await receiver.announce();
  const [{ key }] = sent;
  const sealTo = async (/** @type {unknown} */ values) => ({
    sealed: await seal(values, fromBase64(key), "panel-1", NONCE),
    nonce: NONCE,
  });
  return { receiver, sent, sealTo };
}

it("announces a public key once", async () => {
  const { sent } = await announced();

  expect(sent).toEqual([{ t: "ready", key: expect.any(String) }]);
});

it("opens what is sealed to it", async () => {
  const { receiver, sealTo } = await announced();

  expect(await receiver.open(await sealTo({ value: "s" }))).toEqual({ value: "s" });
});

it("opens nothing that is sealed to another view", async () => {
  const { receiver } = await announced();
  const other = await announced();

  expect(await receiver.open(await other.sealTo({ value: "s" }))).toBeNull();
});

it("opens nothing after it forgot its key", async () => {
  const { receiver, sealTo } = await announced();
  const message = await sealTo({ value: "s" });
  receiver.forget();

  expect(await receiver.open(message)).toBeNull();
});

it("drops what it is still opening when it forgets its key", async () => {
  const { receiver, sealTo } = await announced();
  const opening = receiver.open(await sealTo({ value: "s" }));
  receiver.forget();

  expect(await opening).toBeNull();
});
