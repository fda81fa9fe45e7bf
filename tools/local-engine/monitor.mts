import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import resourceService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { answers, listen } from "../pulumi-sdk/grpc.mts";
import { fromStruct, type PropertyMap, toStruct, UNKNOWN } from "../pulumi-sdk/property-values.mts";
import type { ResourceState } from "./stack.mts";

export type Registration = InstanceType<typeof resource.RegisterResourceRequest>;

/** What program and providers ask of the engine. */
export interface Engine {
  register(request: Registration): Promise<ResourceState>;
  registerOutputs(urn: string, outputs: PropertyMap): void;
  log(urn: string, severity: string, message: string): void;
}

export interface Monitor {
  readonly address: string;
  close(): void;
}

/**
 * The two gRPC services of the engine. A method that is not here answers UNIMPLEMENTED, which the SDK takes as "this engine
 * cannot do that".
 */
export async function startMonitor(asked: Engine): Promise<Monitor> {
  const { ERROR, WARNING, DEBUG } = engine.LogSeverity;
  const severities: Readonly<Record<number, string>> = { [ERROR]: "error", [WARNING]: "warning" };
  const { port, close } = await listen(
    [
      resourceService.ResourceMonitorService,
      {
        getDeploymentInfo: answers(() =>
          new resource.DeploymentInfo().setSupportedfeaturesList([
            resource.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
          ]),
        ),
        supportsFeature: answers((request: InstanceType<typeof resource.SupportsFeatureRequest>) =>
          new resource.SupportsFeatureResponse().setHassupport(request.getId() === "secrets"),
        ),
        registerResource: answers(async (request: Registration) => {
          const { urn, id, outputs } = await asked.register(request);
          return (
            new resource.RegisterResourceResponse()
              .setUrn(urn)
              // An empty id means "not known yet" to the SDK.
              .setId(id === UNKNOWN ? "" : id)
              .setObject(toStruct(outputs))
          );
        }),
        registerResourceOutputs: answers(
          (request: InstanceType<typeof resource.RegisterResourceOutputsRequest>) => {
            asked.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
            return new empty.Empty();
          },
        ),
        signalAndWaitForShutdown: answers(() => new empty.Empty()),
      },
    ],
    [
      engineService.EngineService,
      {
        log: answers((request: InstanceType<typeof engine.LogRequest>) => {
          const severity = request.getSeverity();
          if (severity !== DEBUG && !request.getEphemeral())
            asked.log(request.getUrn(), severities[severity] ?? "info", request.getMessage());
          return new empty.Empty();
        }),
      },
    ],
  );
  return { address: `127.0.0.1:${port}`, close };
}
