import { vi } from "vitest";

/** What is said under the stack's diagnostics meanwhile. */
export async function warningsOf(work: () => Promise<unknown>): Promise<string> {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    await work();
    return said.mock.calls.join("\n");
  } finally {
    said.mockRestore();
  }
}
