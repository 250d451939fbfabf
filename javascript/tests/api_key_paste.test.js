import { describe, expect, it } from "vitest";
import { bothHalves } from "../../bw_magics/notebook/panels/api_key_paste.js";
// The kernel's own rule is tested with the same texts.
import PASTED from "../../tests/notebook/panels/pasted_keys.json";

const { client_id: ID, client_secret: SECRET } = PASTED;

/** @param {"both halves" | "anything else"} kind */
function pasted(kind) {
  return PASTED[kind].map((text) => text.replaceAll("<id>", ID).replaceAll("<secret>", SECRET));
}

describe("a paste", () => {
  it.each(pasted("both halves"))("of both halves is split: %j", (text) => {
    expect(bothHalves(text)).toEqual([ID, SECRET]);
  });

  it("keeps an organization's id", () => {
    const id = ID.replace("user", "organization");

    expect(bothHalves(`${id} ${SECRET}`)).toEqual([id, SECRET]);
  });

  it.each(pasted("anything else"))("of anything else is left alone: %j", (text) => {
    expect(bothHalves(text)).toBeNull();
  });
});
