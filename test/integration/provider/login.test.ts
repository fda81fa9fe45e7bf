import { beforeAll, expect, it } from "vitest";
import type { Provider } from "../../../src/provider/protocol/wire";
import { deploy, userProviderFor } from "../../support/engine-side";
import { PASSWORDS } from "../../support/passwords";
import { forEachTarget } from "../../support/targets";

forEachTarget((target) => {
  let provider: Provider;
  beforeAll(() => {
    provider = userProviderFor(target.url);
  });

  it.each(PASSWORDS)("a deployed user logs in with %s", async (label, password) => {
    const username = label.toLowerCase().replaceAll(/[^a-z]+/g, "_");

    const { verifier } = await deploy(provider, { username, password });

    expect(await target.storedHash(username)).toBe(verifier);
    expect(await target.login(username, password)).toBe(username);
    await expect(target.login(username, `${password}!`)).rejects.toThrow(
      /password authentication failed for user "?\w+/,
    );
  });
});
