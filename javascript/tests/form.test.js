import { beforeEach, expect, it, vi } from "vitest";
import form from "../../bw_magics/notebook/panels/form.js";
import { newKey, publicBytes, toBase64, unseal } from "../../bw_magics/notebook/panels/sealing.js";

const KEY = { client_id: "user.made-up", client_secret: "made-up-secret" };
const PASSWORD = "correct horse";
const NONCES = ["Zmlyc3Q=", "c2Vjb25k"];
const FIELDS = [
  { name: "client_id", label: "client_id", masked: false },
  { name: "client_secret", label: "client_secret", masked: true },
  { name: "master_password", label: "Master password", masked: true },
];

/** @param {object} round */
async function shown(round = {}) {
  const pair = await newKey();
  /** @type {((message: object) => void)[]} */
  const listeners = [];
  const sent = /** @type {any[]} */ ([]);
  const model = {
    /** @param {object} message */
    send: (message) => sent.push(message),
    /**
     * @param {string} event
     * @param {(message: any) => void} listener
     */
    on: (event, listener) => event === "msg:custom" && listeners.push(listener),
    off: () => {},
  };
  const about = {
    binding: "a-form",
    key: toBase64(await publicBytes(pair)),
    title: "Log in",
    server: "",
    webVault: "https://vault.example.org",
    button: "Log in",
    hint: "",
    fields: FIELDS,
  };
  const el = document.createElement("div");
  document.body.replaceChildren(el);
  const leave = form.render({ model, el });
  /** @param {object} told */
  const tell = (told) => {
    const names = FIELDS.map(({ name }) => name);
    for (const listen of listeners) listen({ t: "ask", about, fields: names, ...told });
  };
  tell({ nonce: NONCES[0], ...round });
  const [id, secret, password] = el.querySelectorAll("input");
  const type = () => {
    id.value = KEY.client_id;
    secret.value = KEY.client_secret;
    password.value = PASSWORD;
  };
  const submit = async () => {
    el.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await vi.waitFor(() => expect(sent.at(-1)?.t).toBe("submit"));
    return sent.at(-1);
  };
  /** @param {string} text */
  const press = (text) =>
    [...el.querySelectorAll("button")].find((each) => each.textContent === text)?.click();
  return { el, id, secret, password, type, submit, tell, press, pair, leave, about };
}

beforeEach(() => {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});

it("empties masked inputs on submit, and has the answers again where they may be right", async () => {
  const { secret, password, type, submit, tell, pair } = await shown();
  type();
  const message = await submit();
  expect([secret.value, password.value]).toEqual(["", ""]);
  expect(await unseal(message.sealed, pair, "a-form", NONCES[0])).toEqual({
    ...KEY,
    master_password: PASSWORD,
  });

  tell({ nonce: NONCES[1], problem: "The server did not answer.", keeps: true });
  expect([secret.value, password.value]).toEqual([KEY.client_secret, PASSWORD]);
  expect([secret.type, password.type]).toEqual(["password", "password"]);
  expect(document.querySelector("[aria-invalid]")).toBeNull();
  expect(document.activeElement?.textContent).toBe("Log in");
});

it("forgets a refused answer", async () => {
  const { id, secret, password, type, submit, tell } = await shown();
  type();
  await submit();
  tell({ nonce: NONCES[1], problem: "Refused.", keeps: false });

  expect([id.value, secret.value, password.value]).toEqual([KEY.client_id, "", ""]);
  expect(secret.getAttribute("aria-invalid")).toBe("true");
});

it("marks the field that the problem is in", async () => {
  const { id, secret, type, submit, tell } = await shown();
  type();
  await submit();
  tell({ nonce: NONCES[1], problem: "An organisation's key.", at: "client_id" });

  expect(id.getAttribute("aria-invalid")).toBe("true");
  expect(secret.hasAttribute("aria-invalid")).toBe(false);
  expect(document.activeElement).toBe(id);
});

it.each(["submit", "blur", "cancel", "press"])("shows the typed text until %s", async (end) => {
  const { el, secret, password, type, submit, press } = await shown();
  type();
  press("Show");
  expect([secret.type, password.type]).toEqual(["text", "text"]);
  const root = el.querySelector("form");
  // From one input to the next one of the form, nothing is hidden.
  root?.dispatchEvent(new FocusEvent("focusout", { relatedTarget: secret }));
  expect(secret.type).toBe("text");

  if (end === "submit") await submit();
  if (end === "blur") root?.dispatchEvent(new FocusEvent("focusout", { relatedTarget: null }));
  if (end === "cancel") press("Cancel");
  if (end === "press") press("Hide");
  expect([secret.type, password.type]).toEqual(["password", "password"]);
  expect(el.textContent).toContain("Show");
});

it("links to the web vault until only the master password is asked for", async () => {
  const { el, tell } = await shown();
  const link = el.querySelector("a");
  expect(link?.href).toBe("https://vault.example.org/#/settings/security/security-keys");
  tell({ nonce: NONCES[1], title: "Unlock the vault", fields: ["master_password"] });
  expect(link?.hasAttribute("href")).toBe(false);
});
