/** Without the `--`, the Pulumi CLI takes a value such as `-p5…` for a flag: that is one generated password in 64. */
export function configSet(key: string, value: string): string[] {
  return ["config", "set", key, "--", value];
}

export function configSetSecret(key: string, value: string): string[] {
  return ["config", "set", "--secret", key, "--", value];
}
