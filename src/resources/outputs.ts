import * as pulumi from "@pulumi/pulumi";

/**
 * Leaves of a resource only its outputs. The SDK makes a property of every argument, the password among them, and whoever
 * exports the resource would put them all into the stack's outputs.
 *
 * @param sent what was given to the SDK
 * @param absent outputs that are nothing for sure: the SDK would call them unknown in every preview
 */
export function keepOutputs(
  resource: pulumi.Resource,
  sent: object,
  outputs: readonly string[],
  absent: readonly string[] = [],
): void {
  const properties = resource as unknown as Record<string, unknown>;
  for (const key of Object.keys(sent)) if (!outputs.includes(key)) delete properties[key];
  for (const key of absent) properties[key] = pulumi.output(undefined);
}
