// The masked form. It knows labels and a public key, sends what is typed once, sealed, and forgets
// it. The kernel's side is form.py.

const KEY_ID = /(user|organization)\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const LABELS = /(BW_)?client_?(id|secret)["']?\s*[:=]?|scope\s*[:=]?\s*api|grant_type\s*[:=]?\s*client_credentials|\bexport\b/gi;

// Both halves of an API key, pasted into one field: [client_id, client_secret], or null.
function bothHalves(text) {
  const found = KEY_ID.exec(text);
  if (!found) return null;
  const rest = text.replace(found[0], " ").replace(LABELS, " ").split(/[\s"',;:={}]+/).filter(Boolean);
  return rest.length === 1 ? [found[0], rest[0]] : null;
}

// Asks browsers and password managers to leave the field alone: it is not this site's password.
function keepOff(input) {
  input.autocomplete = input.type === "password" ? "one-time-code" : "off";
  input.autocapitalize = "none";
  input.spellcheck = false;
  input.setAttribute("autocorrect", "off");
  Object.assign(input.dataset, {
    bwignore: "true", "1pIgnore": "true", lpignore: "true", formType: "other", protonpassIgnore: "true",
  });
  input.setAttribute("data-1p-ignore", "true");
}

function draw(model, el, first) {
  const question = first.about;
  let nonce = null;
  let asked = question.fields;
  const inputs = new Map();
  const unique = `bw-${question.binding}`;

  const form = element("form", "bw-card");
  form.noValidate = true;
  form.autocomplete = "off";
  form.setAttribute("role", "group");
  form.setAttribute("aria-labelledby", `${unique}-title`);
  shield(form);

  const head = element("div", "bw-head");
  const title = element("div", "bw-title", question.title);
  title.id = `${unique}-title`;
  head.append(title, element("div", "bw-server", question.server));
  form.append(head);
  if (question.source) form.append(element("div", "bw-source", question.source));
  if (question.warning) {
    const warning = element("div", "bw-note bw-warning", question.warning);
    warning.setAttribute("role", "note");
    form.append(warning);
  }
  if (!subtle) {
    form.append(element("div", "bw-note bw-warning",
      "This page is not encrypted (plain http), so the browser cannot seal what you type: "
      + "it crosses the network readable. Open this server with https to avoid that."));
  }

  for (const field of question.fields) {
    const row = element("div", "bw-row");
    const label = element("label", "bw-label", field.label);
    const input = element("input", "bw-input");
    input.type = field.masked ? "password" : "text";
    input.id = label.htmlFor = `${unique}-${field.name}`;
    input.name = input.id;
    input.required = true;
    input.setAttribute("aria-describedby", `${unique}-problem ${unique}-hint`);
    if (field.placeholder) input.placeholder = field.placeholder;
    keepOff(input);
    row.append(label, input);
    form.append(row);
    inputs.set(field.name, { row, input });
  }

  const problem = element("div", "bw-problem");
  problem.id = `${unique}-problem`;
  problem.setAttribute("role", "alert");
  form.append(problem);

  const actions = element("div", "bw-actions");
  const submit = element("button", "bw-button bw-primary", question.button);
  submit.type = "submit";
  const cancel = element("button", "bw-button", "Cancel");
  cancel.type = "button";
  const progress = element("span", "bw-progress");
  progress.setAttribute("role", "status");
  actions.append(submit, cancel, progress);
  form.append(actions);

  const hint = element("div", "bw-hint", question.hint);
  hint.id = `${unique}-hint`;
  form.append(hint);
  if (subtle) {
    form.append(element("div", "bw-hint", "Sealed here for this kernel alone; not saved with the notebook."));
  }

  const fields = () => asked.map((field) => inputs.get(field.name));
  const forget = () => {
    for (const { input } of inputs.values()) if (input.type === "password") input.value = "";
  };
  const forgetAll = () => {
    for (const { input } of inputs.values()) input.value = "";
  };
  const enable = (on) => {
    for (const { input } of inputs.values()) input.disabled = !on;
    submit.disabled = cancel.disabled = !on;
    form.classList.toggle("bw-busy", !on);
  };
  const focusEmpty = () => {
    const wanted = fields().find(({ input }) => !input.value) ?? fields()[0];
    wanted?.input.focus({ preventScroll: true });
  };
  const complain = (text, at) => {
    problem.textContent = text;
    for (const { input } of inputs.values()) input.removeAttribute("aria-invalid");
    at?.setAttribute("aria-invalid", "true");
  };

  const answer = async () => {
    const empty = asked.find((field) => !inputs.get(field.name).input.value);
    if (empty) {
      complain(`${empty.label} is empty.`, inputs.get(empty.name).input);
      inputs.get(empty.name).input.focus();
      return;
    }
    const values = Object.fromEntries(asked.map(({ name }) => [name, inputs.get(name).input.value]));
    const mine = nonce;
    complain("");
    enable(false);
    forget();
    progress.textContent = "checking …";
    const message = { t: "submit", nonce: mine };
    if (subtle) message.sealed = await seal(values, decode(question.key), question.binding, mine);
    else message.clear = values;
    model.send(message);
  };
  const stop = () => {
    forgetAll();
    enable(false);
    model.send({ t: "cancel" });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer().catch(() => {
      enable(true);
      progress.textContent = "";
      complain("The browser could not seal it. Reload the page and run the cell again.");
    });
  });
  cancel.addEventListener("click", stop);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || cancel.disabled) return;
    event.preventDefault();
    stop();
  });
  form.addEventListener("keyup", (event) => {
    const isOn = event.getModifierState?.("CapsLock") && event.target.type === "password";
    progress.textContent = isOn ? "Caps Lock is on" : "";
  });
  form.addEventListener("paste", (event) => {
    const halves = bothHalves(event.clipboardData?.getData("text") ?? "");
    const id = inputs.get("client_id");
    const secret = inputs.get("client_secret");
    if (!halves || !id || !secret) return;
    event.preventDefault();
    id.input.value = halves[0];
    secret.input.value = halves[1];
    focusEmpty();
  });

  // The first question, and every time that an answer was refused. A repetition is for others.
  const ask = (message) => {
    if (message.nonce === nonce) return;
    ({ nonce } = message);
    asked = question.fields.filter((field) => message.fields.includes(field.name));
    for (const [name, { row }] of inputs) row.hidden = !message.fields.includes(name);
    if (message.title) {
      title.textContent = message.title;
      hint.textContent = "";
    }
    if (message.button) submit.textContent = message.button;
    forget();
    progress.textContent = "";
    enable(true);
    if (!message.problem) return;
    const first = fields().find(({ input }) => !input.value) ?? fields()[0];
    complain(message.problem, first?.input);
    focusEmpty();
  };
  const listen = (message) => {
    if (message?.t === "progress") progress.textContent = message.text;
    if (message?.t === "ask") ask(message);
  };
  model.on("msg:custom", listen);

  el.append(form);
  const stopLooking = whenSeen(form, () => {
    model.send({ t: "ready" });
    focusEmpty();
  });
  ask(first);
  return () => {
    stopLooking();
    model.off("msg:custom", listen);
    forgetAll();
    form.remove();
  };
}

function render({ model, el }) {
  return introduce(model, el, "ask", (message) => draw(model, el, message));
}

export default { render };
