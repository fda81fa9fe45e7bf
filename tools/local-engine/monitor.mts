import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import type { Deployment } from "./deployment.mts";
import type { Severity } from "./display/diagnostics.mts";
import { goalOf } from "./goal.mts";
import type { Phase } from "./phase.mts";
import { fromStruct, toStruct } from "./providers/provider-call.mts";
import { MESSAGE_LIMIT } from "./sdk.mts";
import { UNKNOWN } from "./value.mts";

export interface Monitor {
  readonly address: string;
  close(): void;
}

type Resource = typeof import("@pulumi/pulumi/proto/resource_pb.js");
type Engine = typeof import("@pulumi/pulumi/proto/engine_pb.js");
type Message<T extends abstract new (...args: never) => unknown> = InstanceType<T>;
type Call<T> = ServerUnaryCall<T, unknown>;
type Done = sendUnaryData<unknown>;

/**
 * The two gRPC services that program and providers call. Methods that are not here answer UNIMPLEMENTED, which the
 * SDK takes as "this engine cannot do that".
 */
export async function startMonitor(phase: Phase, deployment?: () => Deployment): Promise<Monitor> {
  const { sdk } = phase;
  const server = new sdk.grpc.Server(MESSAGE_LIMIT);
  const running = () => {
    if (!deployment) throw new Error("no program is running");
    return deployment();
  };
  const empty = () => new sdk.empty.Empty();

  const resourceMonitor = {
    getDeploymentInfo(_call: Call<unknown>, done: Done) {
      const info = new sdk.resource.DeploymentInfo();
      info.setSupportedfeaturesList([sdk.resource.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS]);
      done(null, info);
    },
    supportsFeature(call: Call<Message<Resource["SupportsFeatureRequest"]>>, done: Done) {
      const response = new sdk.resource.SupportsFeatureResponse();
      response.setHassupport(call.request.getId() === "secrets");
      done(null, response);
    },
    async registerResource(call: Call<Message<Resource["RegisterResourceRequest"]>>, done: Done) {
      const state = await running().register(goalOf(call.request, phase.stack, phase.project.name));
      const response = new sdk.resource.RegisterResourceResponse();
      response.setUrn(state.urn);
      // An empty id means "not known yet" to the SDK.
      response.setId(state.id === UNKNOWN ? "" : state.id);
      response.setObject(toStruct(sdk, state.outputs));
      done(null, response);
    },
    registerResourceOutputs(call: Call<Message<Resource["RegisterResourceOutputsRequest"]>>, done: Done) {
      running().registerOutputs(call.request.getUrn(), fromStruct(call.request.getOutputs()));
      done(null, empty());
    },
    signalAndWaitForShutdown(_call: Call<unknown>, done: Done) {
      done(null, empty());
    },
  };

  const engine = {
    log(call: Call<Message<Engine["LogRequest"]>>, done: Done) {
      const { ERROR, WARNING, INFO, DEBUG } = sdk.engine.LogSeverity;
      const severity = call.request.getSeverity();
      if (severity >= (phase.debug ? DEBUG : INFO) && !call.request.getEphemeral()) {
        const kinds: Record<number, Severity> = { [ERROR]: "error", [WARNING]: "warning", [DEBUG]: "debug" };
        const kind = kinds[severity] ?? "info";
        phase.report.diagnostics.add(call.request.getUrn(), kind, call.request.getMessage());
      }
      done(null, empty());
    },
  };

  server.addService(sdk.resourceService.ResourceMonitorService, resourceMonitor as never);
  server.addService(sdk.engineService.EngineService, engine as never);
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = sdk.grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
