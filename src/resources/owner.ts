import * as pulumi from "@pulumi/pulumi";

/**
 * A name for a resource that no other of its organization has, so that the role it makes can be told for its own: with its
 * component's URN, for two components may hold resources of one name.
 */
export function ownerName(type: string, name: string, opts?: pulumi.ResourceOptions): pulumi.Input<string> {
  const own = [organization(), pulumi.getProject(), pulumi.getStack(), `${type}::${name}`].join("/");
  return opts?.parent === undefined ? own : pulumi.interpolate`${own} in ${opts.parent.urn}`;
}

/** As self-managed backends call it where nobody says: under a program's own `setMocks` the SDK throws. */
function organization(): string {
  try {
    return pulumi.getOrganization();
  } catch {
    return "organization";
  }
}
