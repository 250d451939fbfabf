// Makes the elements that panels consist of.

/**
 * Makes an element with a class and a text. A text is never read as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * Makes a button that submits nothing.
 *
 * @param {string} text
 * @param {string} className
 */
export function button(text, className) {
  const made = element("button", `bw-button ${className}`.trimEnd(), text);
  made.type = "button";
  return made;
}

/**
 * Makes a text that a screen reader announces when it changes.
 *
 * @param {string} className
 * @param {string} [text]
 */
export function statusText(className, text) {
  const made = element("span", className, text);
  made.setAttribute("role", "status");
  return made;
}

/**
 * Makes an element with a role and a name for screen readers.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {string} role
 * @param {string} label
 */
export function region(tag, className, role, label) {
  const made = element(tag, className);
  made.setAttribute("role", role);
  made.setAttribute("aria-label", label);
  return made;
}

// The notebook listens to these at the document. Inside a panel they belong to the panel.
const OWN_EVENTS = [
  "keydown",
  "keypress",
  "keyup",
  "paste",
  "copy",
  "cut",
  "input",
  "beforeinput",
  "contextmenu",
];

/**
 * Keeps the notebook's shortcuts and clipboard handlers away from an element.
 *
 * @param {HTMLElement} root
 */
export function shield(root) {
  root.dataset.lmSuppressShortcuts = "true";
  for (const kind of OWN_EVENTS) root.addEventListener(kind, (event) => event.stopPropagation());
}

/**
 * Asks browsers and password managers to leave a field alone: it does not hold this site's password.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} input whose type is already set
 */
export function keepOff(input) {
  input.autocomplete = input.type === "password" ? "one-time-code" : "off";
  input.autocapitalize = "none";
  input.spellcheck = false;
  input.setAttribute("autocorrect", "off");
  Object.assign(input.dataset, {
    bwignore: "true",
    "1pIgnore": "true",
    lpignore: "true",
    formType: "other",
    protonpassIgnore: "true",
  });
}
