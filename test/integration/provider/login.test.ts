import { describe, expect, it } from "vitest";
import { deploy, userProviderFor } from "../../support/engine-side";
import { PASSWORDS } from "../../support/passwords";
import { login, serverUrl, storedHash } from "../../support/server";

const provider = userProviderFor(serverUrl());

describe("a deployed user logs in", () => {
  it.each(PASSWORDS)("%s", async (label, password) => {
    const username = `login ${label}`.slice(0, 60);

    const { verifier } = await deploy(provider, { username, password });

    expect(await storedHash(username)).toBe(verifier);
    expect(await login(username, password)).toBe(username);
    await expect(login(username, `${password}!`)).rejects.toThrow(
      `password authentication failed for user "${username}"`,
    );
  });
});
