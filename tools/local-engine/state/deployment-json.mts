import { createHash } from "node:crypto";
import {
  isList,
  isMap,
  isSecret,
  type PropertyMap,
  SECRET_SIGNATURE,
  SIGNATURE,
  type Value,
} from "../value.mts";
import type { Crypter } from "./passphrase.mts";
import type { OperationType, PendingOperation, ResourceState } from "./resource-state.mts";

/** Pulumi's deployment, version 3; optional fields are absent when empty, as Pulumi writes them. */
export interface DeploymentJson {
  manifest: { time: string; magic: string; version: string };
  secrets_providers: { type: "passphrase"; state: { salt: string } };
  resources?: ResourceJson[];
  pending_operations?: { resource: ResourceJson; type: OperationType }[];
  metadata: Record<string, never>;
}

export type ResourceJson = Pick<ResourceState, "urn" | "custom" | "type"> & Partial<ResourceState>;

const VERSION = "v3.270.0-local-engine";

export function deploymentJson(
  crypter: Crypter,
  resources: ResourceJson[],
  operations: DeploymentJson["pending_operations"] = [],
): DeploymentJson {
  return {
    manifest: {
      time: new Date().toISOString(),
      magic: createHash("sha256").update(VERSION).digest("hex"),
      version: VERSION,
    },
    secrets_providers: { type: "passphrase", state: { salt: crypter.salt } },
    ...(resources.length > 0 && { resources }),
    ...(operations.length > 0 && { pending_operations: operations }),
    metadata: {},
  };
}

/** Encodes each state once, so that a checkpoint costs what changed and an unchanged secret keeps its ciphertext. */
export function resourceEncoder(crypter: Crypter): (state: ResourceState) => ResourceJson {
  const known = new WeakMap<ResourceState, ResourceJson>();
  return (state) => {
    const encoded = known.get(state) ?? encodeResource(state, crypter);
    known.set(state, encoded);
    return encoded;
  };
}

function encodeResource(state: ResourceState, crypter: Crypter): ResourceJson {
  const { urn, custom, type, inputs, outputs, ...rest } = state;
  const seal = (map: PropertyMap) =>
    rewrap(map, ({ value }) => ({ ciphertext: crypter.encrypt(JSON.stringify(value)) }));
  const present = Object.entries(rest).filter(([, value]) =>
    typeof value === "object" ? Object.keys(value).length > 0 : Boolean(value),
  );
  return {
    urn,
    custom,
    type,
    ...(Object.keys(inputs).length > 0 && { inputs: seal(inputs) }),
    ...(Object.keys(outputs).length > 0 && { outputs: seal(outputs) }),
    ...Object.fromEntries(present),
  };
}

export function decodeResource(json: ResourceJson, crypter: Crypter): ResourceState {
  const open = (map: PropertyMap) =>
    rewrap(map, ({ ciphertext }) => ({ value: JSON.parse(crypter.decrypt(String(ciphertext))) }));
  return {
    id: "",
    parent: "",
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    initErrors: [],
    protect: false,
    retainOnDelete: false,
    delete: false,
    pendingReplacement: false,
    created: "",
    modified: "",
    ...json,
    inputs: open(json.inputs ?? {}),
    outputs: open(json.outputs ?? {}),
  };
}

export const decodeOperation = (
  json: { resource: ResourceJson; type: OperationType },
  crypter: Crypter,
): PendingOperation => ({ type: json.type, resource: decodeResource(json.resource, crypter) });

/** `stack export --show-secrets`: the ciphertexts of a deployment as plaintexts (JSON of the value, as in Pulumi). */
export function showSecrets(json: DeploymentJson, crypter: Crypter): unknown {
  return rewrap(json as unknown as PropertyMap, ({ ciphertext }) => ({
    plaintext: crypter.decrypt(String(ciphertext)),
  }));
}

/** Replaces what each secret's wrapping holds: the value, the ciphertext or the plaintext. */
function rewrap<T extends Value>(value: T, content: (secret: PropertyMap) => PropertyMap): T {
  if (isSecret(value)) return { [SIGNATURE]: SECRET_SIGNATURE, ...content(value) } as Value as T;
  if (isList(value)) return value.map((element) => rewrap(element, content)) as Value as T;
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, rewrap(member, content)]),
  ) as Value as T;
}
