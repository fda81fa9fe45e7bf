import * as pulumi from "@pulumi/pulumi";

/** A name for a resource that no other has, so that the role it makes can be told for its own. */
export function ownerName(type: string, name: string): string {
  return [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), `${type}::${name}`].join("/");
}
