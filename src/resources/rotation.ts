import * as pulumi from "@pulumi/pulumi";
import { keepOutputs } from "./outputs";
import { providerCode } from "./provider-code";

/** Counts the values that `rotation` has had; made and used by AlternatingUsers. */
export class Rotation extends pulumi.CustomResource {
  /** 1 at first; one more with each change of `rotation`. Known in a preview. */
  declare readonly turn: pulumi.Output<number>;

  constructor(
    name: string,
    args: { readonly rotation: pulumi.Input<string | number> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    const sent = {
      rotation: args.rotation,
      turn: undefined,
      __provider: providerCode("rotation"),
    };
    super("pulumi-nodejs:dynamic/scram:Rotation", name, sent, opts);
    keepOutputs(this, sent, ["turn"]);
  }
}
