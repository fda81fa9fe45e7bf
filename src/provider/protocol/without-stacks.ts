import { isUserError } from "../../errors";
import { makePrintable, printable } from "../../printable";
import type { Provider } from "./wire";

/**
 * A provider whose failures, where they are the user's mistakes, reach the user as their sentence alone. The SDK's process
 * prints `${error}: ${error.stack}` for some operations, beside the message that the engine shows: words that send the
 * reader to the message take the place of both. Anything but a mistake is a bug and keeps its stack. Whatever is said of others'
 * words, they are printable in it.
 */
export function withoutStacks(provider: Provider): Provider {
  return {
    ...provider,
    check: presented(async (olds, news) => {
      const { failures, ...checked } = await provider.check(olds, news);
      if (failures === undefined) return checked;
      return { ...checked, failures: failures.map((f) => ({ ...f, reason: printable(f.reason) })) };
    }),
    create: presented(provider.create),
    read: presented(provider.read),
    update: presented(provider.update),
    delete: presented(provider.delete),
  };
}

function presented<A extends unknown[], R>(
  operation: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await operation(...args);
    } catch (error) {
      if (isUserError(error)) {
        error.toString = () => "pulumi-scram";
        error.stack = "see the error message of the resource";
      } else makePrintable(error);
      throw error;
    }
  };
}
