import type { ServiceError } from "@grpc/grpc-js";
import type { Sdk } from "../sdk.mts";
import { mapSecrets, type PropertyMap, secret, type Value } from "../value.mts";
import { InitFailed } from "./provider.mts";

type JavaScriptStruct = Parameters<
  typeof import("google-protobuf/google/protobuf/struct_pb.js").Struct.fromJavaScript
>[0];
type Struct = import("google-protobuf/google/protobuf/struct_pb.js").Struct;

export const toStruct = (sdk: Sdk, map: PropertyMap): Struct =>
  sdk.protobuf.Struct.fromJavaScript(map as JavaScriptStruct);

/** A secret inside a secret says nothing more, so only the outermost mark is kept. */
export const fromStruct = (struct: Struct | undefined): PropertyMap =>
  mapSecrets((struct?.toJavaScript() ?? {}) as Value, secret) as PropertyMap;

/** One call of a unary method, its failures as errors that hold the provider's message and nothing else. */
export function call<Response>(
  sdk: Sdk,
  invoke: (callback: (error: ServiceError | null, response: Response) => void) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    invoke((error, response) => (error ? reject(translate(sdk, error)) : resolve(response)));
  });
}

function translate(sdk: Sdk, error: ServiceError): Error {
  const details = error.metadata?.get("grpc-status-details-bin")[0];
  if (details instanceof Uint8Array) {
    const [any] = sdk.status.Status.deserializeBinary(details).getDetailsList();
    const failed = any?.unpack(
      sdk.provider.ErrorResourceInitFailed.deserializeBinary,
      "pulumirpc.ErrorResourceInitFailed",
    );
    if (failed)
      return new InitFailed(failed.getId(), fromStruct(failed.getProperties()), failed.getReasonsList());
  }
  return new Error(error.details);
}
