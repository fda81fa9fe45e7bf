import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, expectTypeOf, it } from "vitest";
import { PARAMETERS } from "../../../src/database/connection/parameters/parameters";
import type { ConnectionArgs } from "../../../src/index";

/** What a program may write for a parameter of the connection. */
type Written<K extends keyof ConnectionArgs> = Exclude<pulumi.Unwrap<ConnectionArgs[K]>, undefined>;

const TLS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
const CHOICES = {
  target_session_attrs: ["any", "read-write", "primary"],
  load_balance_hosts: ["disable", "random"],
  sslmode: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
  sslnegotiation: ["postgres", "direct"],
  sslcertmode: ["disable", "allow"],
  ssl_min_protocol_version: TLS,
  ssl_max_protocol_version: TLS,
  channel_binding: ["disable", "prefer", "require"],
} as const satisfies { [K in keyof ConnectionArgs]?: readonly Written<K>[] };
type Choices = { [K in keyof typeof CHOICES]: (typeof CHOICES)[K][number] };

describe("what the provider refuses of a connection does not compile", () => {
  it.each(Object.entries(CHOICES))("%s", (name, choices) => {
    expect(PARAMETERS[name as keyof typeof CHOICES].values).toEqual(choices);
  });

  it("and nothing else compiles", () => {
    expectTypeOf<{ [K in keyof Choices]: Written<K> }>().toEqualTypeOf<Choices>();
    // @ts-expect-error no such mode
    const connection: ConnectionArgs = { sslmode: "on" };
    expect(connection).toBeDefined();
  });

  it("each parameter with choices is among them", () => {
    const withChoices = Object.entries(PARAMETERS).filter(
      ([, { values, withoutEffect }]) => values !== undefined && values.length > 0 && !withoutEffect,
    );
    expect(withChoices.map(([name]) => name).sort()).toEqual(Object.keys(CHOICES).sort());
  });
});
