import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";

/** The SDK's own copy: the services that it defines know no other. */
const grpc: typeof Grpc = createRequire(import.meta.resolve("@pulumi/pulumi"))("@grpc/grpc-js");

/** The size the SDK itself allows for a message. */
const MESSAGE_LIMIT = 400 * 1024 * 1024;

/** Serves a plugin as the CLI expects it: on a free port, which is the first line of its output, until the CLI kills it. */
export function serve(service: Grpc.ServiceDefinition, methods: Grpc.UntypedServiceImplementation): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": MESSAGE_LIMIT });
  server.addService(service, methods);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(port);
  });
}

/** A method that answers with what a function makes of the request. */
export function answers<In, Out>(answer: (request: In) => Out | Promise<Out>): Grpc.handleUnaryCall<In, Out> {
  return ({ request }, reply) => {
    Promise.resolve(request)
      .then(answer)
      .then((response) => reply(null, response), reply);
  };
}
