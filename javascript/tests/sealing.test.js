import { describe, expect, it } from "vitest";
import {
  canSeal,
  fromBase64,
  newKey,
  publicBytes,
  seal,
  toBase64,
  unseal,
} from "../../bw_magics/notebook/panels/sealing.js";

const NONCE = toBase64(new Uint8Array(16).fill(7));
const VALUES = { password: "pä→ss 🔑", empty: "" };

async function sealed(values = /** @type {unknown} */ (VALUES)) {
  const pair = await newKey();
  return { pair, message: await seal(values, await publicBytes(pair), "form-1", NONCE) };
}

it("can be tested here", () => {
  expect(canSeal).toBe(true);
});

it.each([0, 1, 2, 3, 255, 256])("base64 is reversible for %i bytes", (size) => {
  const bytes = Uint8Array.from({ length: size }, (_, index) => index % 256);

  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
});

describe("a sealed message", () => {
  it("opens with the key, the binding and the nonce that it was sealed for", async () => {
    const { pair, message } = await sealed();

    expect(await unseal(message, pair, "form-1", NONCE)).toEqual(VALUES);
  });

  it("shows nothing of the value", async () => {
    const { message } = await sealed({ password: "correct horse" });

    expect(JSON.stringify(Object.values(message).map(atob))).not.toContain("horse");
  });

  it.each([
    ["another panel", "form-2", NONCE],
    ["another question", "form-1", toBase64(new Uint8Array(16).fill(8))],
  ])("does not open for %s", async (_, binding, nonce) => {
    const { pair, message } = await sealed();

    await expect(unseal(message, pair, binding, nonce)).rejects.toThrow();
  });

  it("does not open with another key", async () => {
    const { message } = await sealed();

    await expect(unseal(message, await newKey(), "form-1", NONCE)).rejects.toThrow();
  });

  it("does not open after a byte was changed", async () => {
    const { pair, message } = await sealed();
    const data = fromBase64(message.data);
    data[0] ^= 1;
    const changed = { ...message, data: toBase64(data) };

    await expect(unseal(changed, pair, "form-1", NONCE)).rejects.toThrow();
  });

  it("has the same size for a short and a long password", async () => {
    const [short, long] = await Promise.all([
      sealed({ password: "a" }),
      sealed({ password: "a".repeat(200) }),
    ]);

    expect(short.message.data.length).toBe(long.message.data.length);
  });

  it("is different each time", async () => {
    const pair = await newKey();
    const recipient = await publicBytes(pair);
    const first = await seal(VALUES, recipient, "form-1", NONCE);
    const second = await seal(VALUES, recipient, "form-1", NONCE);

    for (const part of /** @type {const} */ (["key", "iv", "data"])) {
      expect(first[part]).not.toBe(second[part]);
    }
  });
});
