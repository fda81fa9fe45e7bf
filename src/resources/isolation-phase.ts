import * as pulumi from "@pulumi/pulumi";
import type { Product } from "../hba";
import type { ConnectionArgs } from "./connection";
import { keepOutputs } from "./outputs";
import { providerCode } from "./provider-code";
import { secretInput } from "./secret-input";
import { sendable } from "./sendable";

interface IsolationPhaseArgs {
  readonly product: Product;
  readonly phase: 1 | 2 | 3;
  readonly force?: boolean;
  /** Of the users that the component declares. */
  readonly users: readonly string[];
  /** As of an HbaConfig; looked at, and not recorded. */
  readonly rules?: unknown;
  readonly text?: pulumi.Input<string>;
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** Remembers which phase is reached, and keeps the next from beginning too early; made and used by StrictIsolation. */
export class IsolationPhase extends pulumi.CustomResource {
  declare readonly phase: pulumi.Output<number>;

  constructor(name: string, args: IsolationPhaseArgs, opts?: pulumi.CustomResourceOptions) {
    const given = sendable(`StrictIsolation "${name}"`, args);
    const sent = {
      ...given,
      name,
      connection: secretInput(given.connection),
      // As in an HbaConfig.
      secretRules: pulumi.isSecret(pulumi.output<unknown>(given.text ?? given.rules)),
      __provider: providerCode("isolation"),
    };
    super(
      "pulumi-nodejs:dynamic/scram:IsolationPhase",
      name,
      sent,
      pulumi.mergeOptions(opts ?? {}, { additionalSecretOutputs: ["connection"] }),
    );
    keepOutputs(this, sent, ["phase"]);
  }
}
