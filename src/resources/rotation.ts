import * as pulumi from "@pulumi/pulumi";
import { keepOutputs } from "./outputs";

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
      // Recorded in the state and run by the dynamic-provider process: constant, or each release would be a change.
      __provider: 'exports.handler=()=>require("pulumi-scram/provider").rotation;',
    };
    super("pulumi-nodejs:dynamic/scram:Rotation", name, sent, opts);
    keepOutputs(this, sent, ["turn"]);
  }
}
