import * as pulumi from "@pulumi/pulumi";

/** An argument that is a secret even when the program forgot to say so. */
export function secretInput<T>(value: pulumi.Input<T> | undefined) {
  return value === undefined ? undefined : pulumi.secret(value);
}
