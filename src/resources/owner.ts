import * as pulumi from "@pulumi/pulumi";

/**
 * A name for a resource that is unique in its organization, by which the provider tells resources apart. It includes the
 * parent component's URN, because two components may contain resources of the same name.
 */
export function ownerName(type: string, name: string, opts?: pulumi.ResourceOptions): pulumi.Input<string> {
  const own = [organization(), pulumi.getProject(), pulumi.getStack(), `${type}::${name}`].join("/");
  return opts?.parent === undefined ? own : pulumi.interpolate`${own} in ${opts.parent.urn}`;
}

/** Falls back to the name that self-managed backends use: under a program's own `setMocks` the SDK throws. */
function organization(): string {
  try {
    return pulumi.getOrganization();
  } catch {
    return "organization";
  }
}
