/** The messages under the heading at the end: until then the engine shows each as it comes, and again in the resource's last line. */
export function diagnosticsOf(output: string): string[] {
  const [, below = ""] = output.split(/^Diagnostics:$/m);
  const [diagnostics = ""] = below.split(/^\S/m);
  return diagnostics.split("\n").map((line) => line.trim());
}
