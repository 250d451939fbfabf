// The vault browser. Whatever it shows of the vault comes sealed to a key of its own; it keeps it
// on the page only. The kernel's side is browser.py.

const MASKED = "••••••••";

function button(text, label, className = "") {
  const made = element("button", `bw-button bw-small ${className}`, text);
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  return made;
}

function draw(model, el, about) {
  let pair = null;
  let number = 0;
  let newest = 0;
  const waiting = new Map();
  const unique = `bw-${about.binding}`;

  const card = element("div", "bw-card bw-browser");
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", "Vault browser");
  shield(card);

  const head = element("div", "bw-head");
  const search = element("input", "bw-input bw-search");
  search.type = "search";
  search.placeholder = "Search the vault";
  search.setAttribute("aria-label", "Search the vault");
  search.setAttribute("aria-controls", `${unique}-list`);
  search.autocomplete = "off";
  search.spellcheck = false;
  for (const name of ["bwignore", "1pIgnore", "lpignore"]) search.dataset[name] = "true";
  const count = element("span", "bw-count");
  count.setAttribute("role", "status");
  const close = button("Close", "Close the vault browser");
  head.append(search, count, close);

  const columns = element("div", "bw-columns");
  const list = element("div", "bw-list");
  list.id = `${unique}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Items");
  const item = element("div", "bw-item");
  item.setAttribute("role", "region");
  item.setAttribute("aria-label", "Item");
  item.append(element("div", "bw-empty", "Choose an item to see what it has."));
  columns.append(list, item);

  const foot = element("div", "bw-foot");
  const copied = element("span", "bw-copied", "Line and Reference copy code for a cell. What is shown here is saved nowhere.");
  copied.setAttribute("role", "status");
  foot.append(copied);
  card.append(head, columns, foot);

  const ask = (what_for, rest, then) => {
    number += 1;
    waiting.set(number, then);
    model.send({ t: "ask", n: number, what_for, ...rest });
    return number;
  };
  const say = (text) => {
    copied.textContent = text;
  };

  // Values that are shown: each is hidden by its own clock.
  const open = new Map();
  const hide = (shown) => {
    clearInterval(open.get(shown)?.clock);
    open.get(shown)?.hidden();
    open.delete(shown);
  };
  const hideAll = () => {
    for (const shown of [...open.keys()]) hide(shown);
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      copied.replaceChildren("Copied: ", element("code", "", text));
    } catch {
      const code = element("code", "", text);
      copied.replaceChildren("Press Ctrl+C: ", code);
      getSelection().selectAllChildren(code);
    }
  };

  const drawMember = (entry, member, itemName) => {
    const row = element("div", "bw-member");
    const name = element("span", "bw-member-name", member.name);
    name.title = member.name;
    const value = element("span", "bw-member-value", member.what ? MASKED : "(file)");
    const actions = element("span", "bw-member-actions");
    row.append(name, value, actions);
    if (member.what) {
      const show = button("Show", `Show ${member.name} of ${itemName}`, "bw-show");
      show.addEventListener("click", () => {
        if (open.has(value)) return hide(value);
        // Not disabled: that would take the keyboard's focus away.
        if (show.ariaBusy === "true") return undefined;
        show.ariaBusy = "true";
        return ask("reveal", { entry, what: member.what }, (answer) => {
          show.ariaBusy = "false";
          if (answer.kind !== "value") return;
          let left = about.seconds;
          value.textContent = answer.value;
          value.classList.add("bw-open");
          const tick = () => {
            show.textContent = `Hide (${left})`;
            if (left-- <= 0) hide(value);
          };
          open.set(value, {
            clock: setInterval(tick, 1000),
            hidden: () => {
              value.textContent = MASKED;
              value.classList.remove("bw-open");
              show.textContent = "Show";
            },
          });
          tick();
        });
      });
      actions.append(show);
    }
    for (const [label, text] of [["Line", member.line], ["Reference", member.reference]]) {
      if (!text) continue;
      const made = button(label, `Copy the ${label.toLowerCase()} for ${member.name}`, "bw-quiet");
      made.title = text;
      made.addEventListener("click", () => copy(text));
      actions.append(made);
    }
    return row;
  };

  const drawItem = (answer) => {
    hideAll();
    const name = element("div", "bw-item-name", answer.name);
    const place = [answer.type, answer.place].filter(Boolean).join(" · ");
    item.replaceChildren(name, element("div", "bw-source", place));
    if (answer.problem) item.append(element("div", "bw-problem", `Unreadable: ${answer.problem}`));
    for (const member of answer.members) item.append(drawMember(answer.entry, member, answer.name));
    if (!answer.members.length && !answer.problem) {
      item.append(element("div", "bw-empty", "It has no members that are set."));
    }
    item.setAttribute("aria-label", `Item ${answer.name}`);
  };

  const choose = (row, entry) => {
    for (const other of list.querySelectorAll("[aria-selected=true]")) {
      other.setAttribute("aria-selected", "false");
    }
    row.setAttribute("aria-selected", "true");
    ask("open", { entry }, (answer) => answer.kind === "item" && drawItem(answer));
  };

  const drawList = (answer) => {
    const rows = answer.entries.map((found) => {
      const row = element("button", "bw-entry");
      row.type = "button";
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.tabIndex = -1;
      row.append(
        element("span", "bw-entry-name", found.name),
        element("span", "bw-entry-about", [found.type, found.place].filter(Boolean).join(" · ")),
      );
      row.addEventListener("click", () => choose(row, found.entry));
      return row;
    });
    if (rows.length) rows[0].tabIndex = 0;
    list.replaceChildren(...rows);
    if (!rows.length) list.append(element("div", "bw-empty", "Nothing has that in its name or folder."));
    list.scrollTop = 0;
    const shown = answer.is_cut ? `the first ${rows.length}` : `${rows.length}`;
    const all = answer.is_all && !answer.is_cut;
    count.textContent = all ? `${answer.total} items` : `${shown} of ${answer.total} items`;
  };

  let typing = null;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      newest = ask("search", { text: search.value }, (answer, n) => {
        if (n === newest && answer.kind === "list") drawList(answer);
      });
    }, 120);
  });
  card.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll(".bw-entry")];
    const at = rows.indexOf(document.activeElement);
    const inList = at >= 0 || event.target === search;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step && inList && rows.length) {
      event.preventDefault();
      if (at === 0 && step < 0) return search.focus();
      const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
      return row.focus();
    }
    if (event.key === "Enter" && event.target === search && rows.length) {
      event.preventDefault();
      rows[0].click();
    }
    if (event.key === "Escape") {
      event.preventDefault();
      if (open.size) return hideAll();
      if (search.value) {
        search.value = "";
        search.dispatchEvent(new Event("input"));
      }
      search.focus();
    }
    return undefined;
  });
  close.addEventListener("click", () => {
    hideAll();
    model.send({ t: "close" });
  });

  const listen = async (message) => {
    if (message?.t !== "answer" || !pair) return;
    let answer;
    try {
      answer = await unseal(message.sealed, pair, about.binding, message.nonce);
    } catch {
      return; // sealed to another view of the same panel
    }
    const then = waiting.get(answer.n);
    waiting.delete(answer.n);
    if (answer.kind === "problem") say(answer.text);
    if (then) then(answer, answer.n);
    else if (answer.kind === "list") drawList(answer);
  };
  model.on("msg:custom", listen);
  el.append(card);
  const stopLooking = whenSeen(card, async () => {
    if (!subtle) return model.send({ t: "ready" });
    pair = await newKey();
    search.focus({ preventScroll: true });
    return model.send({ t: "ready", key: encode(await publicBytes(pair)) });
  });
  return () => {
    stopLooking();
    clearTimeout(typing);
    model.off("msg:custom", listen);
    hideAll();
    pair = null;
    card.remove();
  };
}

function render({ model, el }) {
  return introduce(model, el, "browse", ({ about }) => draw(model, el, about));
}

export default { render };
