import * as pulumi from "@pulumi/pulumi";

/**
 * A name for a resource that is unique in its organization, by which the provider tells resources apart. It includes the
 * parent component's URN, because two components may contain resources of the same name.
 */
export function ownerName(type: string, name: string, opts?: pulumi.ResourceOptions): pulumi.Input<string> {
  const own = [organization(), pulumi.getProject(), pulumi.getStack(), `${type}::${name}`].join("/");
  return opts?.parent === undefined
    ? own
    : withoutDependency(opts.parent.urn).then((urn) => `${own} in ${urn}`);
}

/** Who depends on a component waits for all of its children, and its own children would wait for one another. */
function withoutDependency<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => void output.apply((value) => resolve(value as T)));
}

/** Falls back to the name that self-managed backends use: under a program's own `setMocks` the SDK throws. */
function organization(): string {
  try {
    return pulumi.getOrganization();
  } catch {
    return "organization";
  }
}
