// The reveal panel. It makes a key of its own, gets one value sealed to it, shows it for a while
// and forgets it. The kernel's side is panel.py.

function draw(model, el, about) {
  const card = element("div", "bw-card bw-panel");
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", about.label);
  shield(card);
  const label = element("div", "bw-source", about.label);
  const value = element("div", "bw-value");
  value.setAttribute("role", "textbox");
  value.setAttribute("aria-readonly", "true");
  value.tabIndex = 0;
  value.setAttribute("aria-label", `The value of ${about.label}`);
  const actions = element("div", "bw-actions");
  const copy = element("button", "bw-button bw-primary", "Copy");
  const hide = element("button", "bw-button", "Hide");
  const progress = element("span", "bw-progress", "…");
  progress.setAttribute("role", "status");
  copy.type = hide.type = "button";
  actions.append(copy, hide, progress);
  card.append(label, value, actions);

  let pair = null;
  let clock = null;
  const forget = () => {
    clearInterval(clock);
    pair = null;
    value.textContent = "••••••••";
    copy.disabled = hide.disabled = true;
    progress.textContent = "hidden";
  };
  const selectAll = () => {
    const range = document.createRange();
    range.selectNodeContents(value);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(value.textContent);
      copy.textContent = "Copied";
    } catch {
      selectAll();
      copy.textContent = "Press Ctrl+C";
    }
  });
  hide.addEventListener("click", forget);
  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape") forget();
  });
  copy.disabled = hide.disabled = true;

  const listen = async (message) => {
    if (message?.t === "hide") return forget();
    if (message?.t !== "value" || !pair) return undefined;
    try {
      const opened = await unseal(message.sealed, pair, about.binding, message.nonce);
      pair = null;
      value.textContent = opened.value;
    } catch {
      // Sealed to another view of the same panel.
      return undefined;
    }
    copy.disabled = hide.disabled = false;
    copy.focus({ preventScroll: true });
    let left = about.seconds;
    const tick = () => {
      progress.textContent = `hidden in ${left} s`;
      if (left-- <= 0) forget();
    };
    progress.setAttribute("aria-live", "off");
    tick();
    clock = setInterval(tick, 1000);
    model.send({ t: "shown", ok: true });
    return undefined;
  };
  model.on("msg:custom", listen);
  el.append(card);
  const stopLooking = whenSeen(card, async () => {
    if (!subtle) return model.send({ t: "ready" });
    pair = await newKey();
    return model.send({ t: "ready", key: encode(await publicBytes(pair)) });
  });
  return () => {
    stopLooking();
    model.off("msg:custom", listen);
    forget();
    card.remove();
  };
}

function render({ model, el }) {
  return introduce(model, el, "show", ({ about }) => draw(model, el, about));
}

export default { render };
