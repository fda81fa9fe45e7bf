import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";

/** The SDK's own copy: the services that it defines know no other. */
export const grpc: typeof Grpc = createRequire(import.meta.resolve("@pulumi/pulumi"))("@grpc/grpc-js");

/** The size the SDK itself allows for a message. */
export const MESSAGE_LIMIT = { "grpc.max_receive_message_length": 400 * 1024 * 1024 };

type Service = readonly [Grpc.ServiceDefinition, Grpc.UntypedServiceImplementation];

export interface Listening {
  readonly port: number;
  /** Ends what is still connected, too: until then the process lives. */
  close(): void;
}

/** Serves on a free port of this machine. */
export function listen(...services: readonly Service[]): Promise<Listening> {
  const server = new grpc.Server(MESSAGE_LIMIT);
  for (const [service, methods] of services) server.addService(service, methods);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve({ port, close: () => server.forceShutdown() }),
    );
  });
}

/** Serves a plugin as the CLI expects it: its port is the first line of its output, and it runs until the CLI kills it. */
export async function servePlugin(...service: Service): Promise<void> {
  console.log((await listen(service)).port);
}

/** A method that answers with what a function makes of the request. */
export function answers<In, Out>(answer: (request: In) => Out | Promise<Out>): Grpc.handleUnaryCall<In, Out> {
  return ({ request }, reply) => {
    Promise.resolve(request)
      .then(answer)
      .then((response) => reply(null, response), reply);
  };
}
