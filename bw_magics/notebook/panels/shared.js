// What form.js and reveal.js have in common; put in front of either. The other side of the sealing
// is sealing.py.

const INFO = new TextEncoder().encode("bw_magics sealed message 1");
const BLOCK = 256;
const CURVE = { name: "ECDH", namedCurve: "P-256" };

// Only there on https pages and on localhost.
const subtle = globalThis.crypto?.subtle;

const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const utf8 = (text) => new TextEncoder().encode(text);

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const newKey = () => subtle.generateKey(CURVE, false, ["deriveBits"]);
const publicBytes = async (pair) => new Uint8Array(await subtle.exportKey("raw", pair.publicKey));

async function derive(privateKey, theirs, nonce, ephemeral, recipient) {
  const key = await subtle.importKey("raw", theirs, CURVE, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: key }, privateKey, 256);
  const material = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = joined(INFO, ephemeral, recipient);
  return subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: decode(nonce), info },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

const boundTo = (binding, nonce) => utf8(`${binding}\n${nonce}`);

async function seal(values, recipient, binding, nonce) {
  const pair = await newKey();
  const ephemeral = await publicBytes(pair);
  const key = await derive(pair.privateKey, recipient, nonce, ephemeral, recipient);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  let plain = utf8(JSON.stringify(values));
  // The length of the ciphertext must not tell the length of a password.
  plain = joined(plain, new Uint8Array((BLOCK - (plain.length % BLOCK)) % BLOCK).fill(32));
  const additionalData = boundTo(binding, nonce);
  const data = await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain);
  return { key: encode(ephemeral), iv: encode(iv), data: encode(data) };
}

async function unseal(sealed, pair, binding, nonce) {
  const ephemeral = decode(sealed.key);
  const recipient = await publicBytes(pair);
  const key = await derive(pair.privateKey, ephemeral, nonce, ephemeral, recipient);
  const algorithm = { name: "AES-GCM", iv: decode(sealed.iv), additionalData: boundTo(binding, nonce) };
  return JSON.parse(new TextDecoder().decode(await subtle.decrypt(algorithm, key, decode(sealed.data))));
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// The notebook acts on keys and on the clipboard, at the document; here they are the person's own.
const OWN_EVENTS = [
  "keydown", "keypress", "keyup", "paste", "copy", "cut", "input", "beforeinput", "contextmenu",
];

function shield(root) {
  root.dataset.lmSuppressShortcuts = "true";
  for (const kind of OWN_EVENTS) root.addEventListener(kind, (event) => event.stopPropagation());
}

// Calls `seen` once, when a person can see the element: it has a size, half of it is on the
// screen, and the page is not in the background. Scrolls to it where it is elsewhere on the page.
function whenSeen(root, seen) {
  let done = false;
  let onScreen = false;
  let tries = 0;
  const look = () => {
    if (done || !onScreen || document.hidden || !root.isConnected) return;
    const box = root.getBoundingClientRect();
    if (box.width < 20 || box.height < 20) return;
    if (root.checkVisibility && !root.checkVisibility({ visibilityProperty: true })) return;
    stop();
    seen();
  };
  const observer = new IntersectionObserver(
    (entries) => {
      const last = entries[entries.length - 1];
      onScreen = last.isIntersecting && last.intersectionRatio >= 0.5;
      look();
    },
    { threshold: [0, 0.25, 0.5, 0.75, 1] },
  );
  const scroll = setInterval(() => {
    look();
    if (done || document.hidden || !root.isConnected) return;
    if (++tries > 8) return clearInterval(scroll);
    root.scrollIntoView({ block: "center" });
  }, 350);
  const stop = () => {
    done = true;
    clearInterval(scroll);
    observer.disconnect();
    document.removeEventListener("visibilitychange", look);
  };
  document.addEventListener("visibilitychange", look);
  observer.observe(root);
  return stop;
}

// Calls `gone` once, when nobody listens any more: the kernel restarts, dies, is shut down or is
// exchanged. The widget manager says the first itself (`comm_live_update`); the others only its
// kernel knows, where the front end lets us see it. Gives a function that stops listening.
function whenKernelGone(model, gone) {
  const kernel = model.widget_manager?.kernel;
  const stop = () => {
    model.off("comm_live_update", end);
    kernel?.statusChanged?.disconnect(look);
    kernel?.disposed?.disconnect(end);
  };
  const end = () => {
    stop();
    gone();
  };
  const look = (_, status) => {
    if (["restarting", "autorestarting", "terminating", "dead"].includes(status)) end();
  };
  model.on("comm_live_update", end);
  kernel?.statusChanged?.connect(look);
  kernel?.disposed?.connect(end);
  return stop;
}

// Nothing is shown before the kernel says what; then `draw` shows it, and gives a function that
// takes it away. A view that comes back from a saved notebook, or after the page was reloaded, is
// told nothing: its question is over.
function introduce(model, el, kind, draw) {
  const over = element("div", "bw-over");
  el.append(over);
  const late = setTimeout(() => {
    over.textContent = "What was here is over. Run the cell again to see it again.";
  }, 3000);
  let undraw = null;
  const listen = (message) => {
    if (undraw || message?.t !== kind) return;
    clearTimeout(late);
    over.remove();
    document.removeEventListener("visibilitychange", tell);
    undraw = draw(message);
  };
  const tell = () => model.send({ t: "loaded", hidden: document.hidden });
  model.on("msg:custom", listen);
  document.addEventListener("visibilitychange", tell);
  const leave = () => {
    clearTimeout(late);
    stopWatching();
    document.removeEventListener("visibilitychange", tell);
    model.off("msg:custom", listen);
    undraw?.();
    undraw = null;
  };
  const stopWatching = whenKernelGone(model, () => {
    leave();
    over.textContent = "The kernel is gone. Run the cell again.";
    el.replaceChildren(over);
  });
  tell();
  return leave;
}
