import { join } from "node:path";
import { type Child, runNode } from "../child-process.mts";
import type { Sdk } from "../sdk.mts";
import { MESSAGE_LIMIT } from "../sdk.mts";

export type Client = import("@pulumi/pulumi/proto/provider_grpc_pb.js").ResourceProviderClient;

export interface DynamicProcess {
  readonly pid: number | undefined;
  readonly client: Promise<Client>;
  close(): Promise<void>;
}

export interface ProcessSettings {
  readonly sdk: Sdk;
  readonly project: string;
  readonly stack: string;
  readonly directory: string;
  readonly engineAddress: string;
  /** Whatever the provider prints. */
  readonly onLine: (line: string) => void;
  /** As of `runNode`. */
  readonly whole?: boolean;
}

/** Starts the SDK's own dynamic-provider process; the first line it prints is its port. */
export function startDynamicProcess(settings: ProcessSettings): DynamicProcess {
  const { sdk } = settings;
  const errors: string[] = [];
  let announce = (_port: string) => {};
  const port = new Promise<string>((resolve) => {
    announce = resolve;
  });
  let started = false;
  const child: Child = runNode(
    join(sdk.directory, "cmd/dynamic-provider/index.js"),
    [settings.engineAddress],
    {
      cwd: settings.directory,
      env: {
        PULUMI_PROJECT: settings.project,
        PULUMI_STACK: settings.stack,
        PULUMI_NODEJS_PROJECT: settings.project,
        PULUMI_NODEJS_STACK: settings.stack,
        PULUMI_CONFIG: "{}",
      },
      ...(settings.whole && { whole: true }),
      onLine: (line, stream) => {
        if (stream === "stdout" && !started) {
          started = true;
          announce(line);
          return;
        }
        errors.push(line);
        settings.onLine(line);
      },
    },
  );
  const died = child.ended.then((code) => {
    throw new Error(`the dynamic provider process ended (exit code ${code}): ${errors.slice(-5).join("\n")}`);
  });
  const client = Promise.race([port, died]).then(
    (number) =>
      new sdk.providerService.ResourceProviderClient(
        `127.0.0.1:${number}`,
        sdk.grpc.credentials.createInsecure(),
        MESSAGE_LIMIT,
      ),
  );
  // A process that was warmed up and never needed is killed before it announced itself; that is no error.
  client.catch(() => {});
  died.catch(() => {});
  return {
    pid: child.pid,
    client,
    close: async () => {
      await child.kill();
      await client.then((open) => open.close()).catch(() => {});
    },
  };
}
