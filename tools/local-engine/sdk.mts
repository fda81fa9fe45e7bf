import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "./user-error.mts";

export type Grpc = typeof import("@grpc/grpc-js");

/** The SDK that the project itself uses: its protobufs, and the gRPC and protobuf libraries it loads them with. */
export interface Sdk {
  readonly directory: string;
  readonly grpc: Grpc;
  readonly protobuf: typeof import("google-protobuf/google/protobuf/struct_pb.js");
  readonly empty: typeof import("google-protobuf/google/protobuf/empty_pb.js");
  readonly status: typeof import("@pulumi/pulumi/proto/status_pb.js");
  readonly provider: typeof import("@pulumi/pulumi/proto/provider_pb.js");
  readonly providerService: typeof import("@pulumi/pulumi/proto/provider_grpc_pb.js");
  readonly resource: typeof import("@pulumi/pulumi/proto/resource_pb.js");
  readonly resourceService: typeof import("@pulumi/pulumi/proto/resource_grpc_pb.js");
  readonly engine: typeof import("@pulumi/pulumi/proto/engine_pb.js");
  readonly engineService: typeof import("@pulumi/pulumi/proto/engine_grpc_pb.js");
}

/** The size the SDK itself allows for a message. */
export const MESSAGE_LIMIT = { "grpc.max_receive_message_length": 400 * 1024 * 1024 };

export function loadSdk(projectDirectory: string): Sdk {
  const manifest = locate(projectDirectory);
  // Requiring from inside the SDK gives the very classes it uses; messages of another copy would not serialise.
  const load = createRequire(manifest);
  return {
    directory: dirname(manifest),
    grpc: load("@grpc/grpc-js"),
    protobuf: load("google-protobuf/google/protobuf/struct_pb.js"),
    empty: load("google-protobuf/google/protobuf/empty_pb.js"),
    status: load("./proto/status_pb.js"),
    provider: load("./proto/provider_pb.js"),
    providerService: load("./proto/provider_grpc_pb.js"),
    resource: load("./proto/resource_pb.js"),
    resourceService: load("./proto/resource_grpc_pb.js"),
    engine: load("./proto/engine_pb.js"),
    engineService: load("./proto/engine_grpc_pb.js"),
  };
}

function locate(projectDirectory: string): string {
  try {
    return createRequire(join(projectDirectory, "package.json")).resolve("@pulumi/pulumi/package.json");
  } catch {
    throw new UserError(
      `@pulumi/pulumi is not installed where ${projectDirectory} can find it: run npm install`,
    );
  }
}
