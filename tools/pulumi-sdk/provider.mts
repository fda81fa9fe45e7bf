import type { ServiceError } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type empty from "google-protobuf/google/protobuf/empty_pb.js";
import { type Child, runNode } from "./child-process.mts";
import { grpc, MESSAGE_LIMIT } from "./grpc.mts";
import { fromStruct, holdsSecret, type PropertyMap, secret, stripMap, toStruct } from "./property-values.mts";

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** What is recorded of a resource that a provider is asked about. */
export interface Recorded {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** The engine's view of a provider, with secrets marked on both sides. */
export interface Provider {
  readonly pid: number | undefined;
  /** Resolves when it has been configured. */
  ready(): Promise<void>;
  check(
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: readonly CheckFailure[] }>;
  /** Resolves with the properties whose change is a replacement. */
  diff(recorded: Recorded, news: PropertyMap): Promise<readonly string[]>;
  create(urn: string, inputs: PropertyMap, preview: boolean): Promise<{ id: string; outputs: PropertyMap }>;
  update(recorded: Recorded, inputs: PropertyMap): Promise<{ outputs: PropertyMap }>;
  delete(recorded: Recorded): Promise<void>;
  close(): Promise<void>;
}

export interface ProviderProcess {
  /** A plugin: the first line it prints is its port. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly config: PropertyMap;
  /** Whatever else it prints. */
  readonly onLine: (line: string) => void;
}

type Client = InstanceType<typeof service.ResourceProviderClient>;

/** Starts a provider's process and configures it. */
export function startProvider({ script, args, cwd, env, config, onLine }: ProviderProcess): Provider {
  const announced = Promise.withResolvers<string>();
  let started = false;
  const child: Child = runNode(script, args, {
    cwd,
    env,
    onLine: (line) => {
      if (started) return onLine(line);
      started = true;
      announced.resolve(line);
    },
  });
  const died = child.ended.then((end) => {
    throw new Error(`the provider's process ended (${end})`);
  });
  const client = Promise.race([announced.promise, died]).then(async (port) => {
    const credentials = grpc.credentials.createInsecure();
    const open = new service.ResourceProviderClient(`127.0.0.1:${port}`, credentials, MESSAGE_LIMIT);
    const request = new messages.ConfigureRequest().setArgs(toStruct(config)).setAcceptsecrets(true);
    await call((done) => open.configure(request, done));
    return open;
  });
  // Whoever uses it is told; until then it is nobody's error.
  for (const promise of [client, died]) promise.catch(() => {});
  const sent = (map: PropertyMap) => toStruct(stripMap(map));
  const change = <T extends InstanceType<typeof messages.DiffRequest | typeof messages.UpdateRequest>>(
    request: T,
    { urn, id, inputs, outputs }: Recorded,
    news: PropertyMap,
  ): T => {
    request.setUrn(urn).setId(id).setOldInputs(sent(inputs)).setOlds(sent(outputs)).setNews(sent(news));
    return request;
  };
  const ask = async <Response,>(
    invoke: (open: Client, done: (error: ServiceError | null, response: Response) => void) => void,
  ): Promise<Response> => {
    const open = await client;
    return call((done) => invoke(open, done));
  };

  return {
    pid: child.pid,

    async ready() {
      await client;
    },

    async check(urn, olds, news) {
      const request = new messages.CheckRequest().setUrn(urn).setOlds(sent(olds)).setNews(sent(news));
      const response = await ask<InstanceType<typeof messages.CheckResponse>>((open, done) =>
        open.check(request, done),
      );
      return {
        inputs: marked(fromStruct(response.getInputs()), news),
        failures: response.getFailuresList().map((failure) => failure.toObject()),
      };
    },

    async diff(recorded, news) {
      const request = change(new messages.DiffRequest(), recorded, news);
      const response = await ask<InstanceType<typeof messages.DiffResponse>>((open, done) =>
        open.diff(request, done),
      );
      return response.getReplacesList();
    },

    async create(urn, inputs, preview) {
      const request = new messages.CreateRequest()
        .setUrn(urn)
        .setType(urn.split("::")[2] ?? "")
        .setProperties(sent(inputs))
        .setPreview(preview);
      const response = await ask<InstanceType<typeof messages.CreateResponse>>((open, done) =>
        open.create(request, done),
      );
      return { id: response.getId(), outputs: marked(fromStruct(response.getProperties()), inputs) };
    },

    async update(recorded, inputs) {
      const request = change(new messages.UpdateRequest(), recorded, inputs);
      const response = await ask<InstanceType<typeof messages.UpdateResponse>>((open, done) =>
        open.update(request, done),
      );
      return { outputs: marked(fromStruct(response.getProperties()), inputs) };
    },

    async delete(recorded) {
      const { urn, id, inputs, outputs } = recorded;
      const request = new messages.DeleteRequest()
        .setUrn(urn)
        .setId(id)
        .setOldInputs(sent(inputs))
        .setProperties(sent(outputs));
      await ask<InstanceType<typeof empty.Empty>>((open, done) => open.delete(request, done));
    },

    async close() {
      await child.kill();
      await client.then((open) => open.close()).catch(() => {});
    },
  };
}

/** Of a provider that does not accept secrets, the engine knows only what was secret under the same name. */
function marked(answer: PropertyMap, known: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [key, holdsSecret(known[key]) ? secret(value) : value]),
  );
}

/** One call of a unary method; its failure holds the provider's message and nothing else. */
function call<Response>(
  invoke: (done: (error: ServiceError | null, response: Response) => void) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    invoke((error, response) => (error ? reject(new Error(error.details)) : resolve(response)));
  });
}
