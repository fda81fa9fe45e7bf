import * as pulumi from "@pulumi/pulumi";

/**
 * A name for a resource that no other of its organization has, so that the role it makes can be told for its own: with its
 * component's URN, for two components may hold resources of one name.
 */
export function ownerName(type: string, name: string, opts?: pulumi.ResourceOptions): pulumi.Input<string> {
  const own = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), `${type}::${name}`].join(
    "/",
  );
  return opts?.parent === undefined ? own : pulumi.interpolate`${own} in ${opts.parent.urn}`;
}
