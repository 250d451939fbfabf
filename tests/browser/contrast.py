"""How well texts differ from what is behind them, as a browser paints them (WCAG 2, 1.4.3)."""

from __future__ import annotations

from playwright.sync_api import Locator

# What text of ordinary size needs at least (level AA).
ENOUGH = 4.5

_MEASURE = """root => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    // Any notation that the browser knows, as red, green, blue from 0 to 1 and what is behind it.
    const painted = (colours) => {
        context.clearRect(0, 0, 1, 1);
        for (const colour of colours) {
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
        }
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255);
    };
    const luminance = (colour) => {
        const [red, green, blue] = colour.map(
            part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element) => {
        const colours = [];
        for (let each = element; each; each = each.parentElement) {
            colours.unshift(getComputedStyle(each).backgroundColor);
        }
        return ["white", ...colours];
    };
    const contrast = (element, part) => {
        const under = behind(element);
        const text = painted([...under, getComputedStyle(element, part).color]);
        const [darker, brighter] = [luminance(text), luminance(painted(under))].sort();
        return (brighter + 0.05) / (darker + 0.05);
    };
    const found = {};
    const note = (name, ratio) => {
        found[name] = Math.min(ratio, found[name] ?? 21);
    };
    for (const element of root.querySelectorAll("*")) {
        if (!element.checkVisibility() || element.disabled) continue;
        const hasText = [...element.childNodes].some(
            node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
        if (hasText || element.value) note(element.className, contrast(element));
        if (element.placeholder) note("placeholder", contrast(element, "::placeholder"));
    }
    return found;
}"""


def contrasts(root: Locator) -> dict[str, float]:
    """The contrast of every visible text inside, by the class of its element; that of
    placeholders as `placeholder`.
    """
    measured: dict[str, float] = root.evaluate(_MEASURE)
    return measured


def unreadable(measured: dict[str, float]) -> dict[str, float]:
    """Those that are not enough."""
    return {name: round(ratio, 2) for name, ratio in measured.items() if ratio < ENOUGH}
