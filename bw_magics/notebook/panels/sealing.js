// Encrypts values between the browser and the kernel. The kernel's side is sealing.py.

/** @typedef {{key: string, iv: string, data: string}} SealedMessage  Every part is base64. */

const INFO = new TextEncoder().encode("bw_magics sealed message 1");
const BLOCK = 256;
const CURVE = { name: "ECDH", namedCurve: "P-256" };

// Browsers offer WebCrypto only on https pages and on localhost.
const subtle = globalThis.crypto?.subtle;

/** Whether this page can encrypt and decrypt. */
export const canSeal = Boolean(subtle);

/** @param {ArrayBuffer | Uint8Array} bytes */
export function toBase64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

/** @param {string} text */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** @param {string} text */
function utf8(text) {
  return new TextEncoder().encode(text);
}

/** @param {Uint8Array[]} parts */
function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Makes a key pair whose private half cannot leave the browser. */
export function newKey() {
  return subtle.generateKey(CURVE, false, ["deriveBits"]);
}

/** @param {CryptoKeyPair} pair */
export async function publicBytes(pair) {
  return new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
}

/**
 * Derives the AES key of one message.
 *
 * @param {CryptoKey} privateKey
 * @param {Uint8Array<ArrayBuffer>} theirs the other side's public key
 * @param {string} nonce the kernel's, base64
 * @param {Uint8Array} ephemeral the sender's public key
 * @param {Uint8Array} recipient the recipient's public key
 */
async function derive(privateKey, theirs, nonce, ephemeral, recipient) {
  const key = await subtle.importKey("raw", theirs, CURVE, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: key }, privateKey, 256);
  const material = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = joined(INFO, ephemeral, recipient);
  return subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: fromBase64(nonce), info },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/**
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {string} binding
 * @param {string} nonce
 */
function algorithm(iv, binding, nonce) {
  return { name: "AES-GCM", iv, additionalData: utf8(`${binding}\n${nonce}`) };
}

/**
 * Encrypts values to a public key, bound to one panel and one question.
 *
 * @param {unknown} values what JSON can hold
 * @param {Uint8Array<ArrayBuffer>} recipient a public key
 * @param {string} binding names the panel
 * @param {string} nonce names the question
 * @returns {Promise<SealedMessage>}
 */
export async function seal(values, recipient, binding, nonce) {
  const pair = await newKey();
  const ephemeral = await publicBytes(pair);
  const key = await derive(pair.privateKey, recipient, nonce, ephemeral, recipient);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = utf8(JSON.stringify(values));
  // Padding with spaces hides the length of a password.
  const plain = joined(text, new Uint8Array((BLOCK - (text.length % BLOCK)) % BLOCK).fill(32));
  const data = await subtle.encrypt(algorithm(iv, binding, nonce), key, plain);
  return { key: toBase64(ephemeral), iv: toBase64(iv), data: toBase64(data) };
}

/**
 * Decrypts a message that was sealed to `pair`. Rejects where it was sealed to another key, panel
 * or question.
 *
 * @param {SealedMessage} sealed
 * @param {CryptoKeyPair} pair
 * @param {string} binding
 * @param {string} nonce
 */
export async function unseal(sealed, pair, binding, nonce) {
  const ephemeral = fromBase64(sealed.key);
  const recipient = await publicBytes(pair);
  const key = await derive(pair.privateKey, ephemeral, nonce, ephemeral, recipient);
  const how = algorithm(fromBase64(sealed.iv), binding, nonce);
  const plain = await subtle.decrypt(how, key, fromBase64(sealed.data));
  return JSON.parse(new TextDecoder().decode(plain));
}
