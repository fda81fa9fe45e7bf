import { fromStruct } from "./providers/provider-call.mts";
import { makeUrn } from "./urn.mts";
import type { PropertyMap } from "./value.mts";

/** What the program asks for: one RegisterResource request. */
export interface Goal {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent: string;
  readonly inputs: PropertyMap;
  /** `<urn>::<id>` of an explicit provider; empty for the default one. */
  readonly provider: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Undefined when the program leaves the choice to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly aliases: readonly string[];
}

export type RegisterRequest = import("@pulumi/pulumi/proto/resource_pb.js").RegisterResourceRequest;

export function goalOf(request: RegisterRequest, stack: string, project: string): Goal {
  const type = request.getType();
  const parent = request.getParent();
  const propertyDependencies: Record<string, readonly string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    propertyDependencies[key] = dependencies.getUrnsList();
  });
  return {
    urn: makeUrn(stack, project, parent, type, request.getName()),
    type,
    custom: request.getCustom(),
    parent,
    inputs: fromStruct(request.getObject()),
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    aliases: request.getAliasurnsList(),
  };
}
