import { createHash } from "node:crypto";
import { type PropertyMap, secret } from "../pulumi-sdk/property-values.mts";

/** A resource as a program declares it, with the arguments that its class makes of it (src/resources). */
export interface Resource {
  readonly urn: string;
  readonly args: PropertyMap;
}

/** How the same users are declared, and how the engine asks for them. */
export interface Shape {
  readonly name: string;
  /** Creates, updates and deletes that run at a time. */
  readonly inFlight: number;
  /** Measured with fewer users, and multiplied. */
  readonly scaled: boolean;
  /** @param rotated how many of the users have a new password */
  declare(users: number, rotated: number): readonly Resource[];
}

/** What the engine has in flight on 2 cores unless told otherwise: 4 times as many as cores. */
const IN_FLIGHT = 8;

/** The first is what the others are compared with. */
export const SHAPES: readonly Shape[] = [
  { name: "ScramUsers, one by one", inFlight: 1, scaled: true, declare: singles },
  { name: `ScramUsers, ${IN_FLIGHT} in flight`, inFlight: IN_FLIGHT, scaled: false, declare: singles },
  { name: "one ScramUserSet", inFlight: 1, scaled: false, declare: set },
];

const STACK = "bench";
export const PROJECT = "bench";

function singles(users: number, rotated: number): readonly Resource[] {
  return names(users).map((username, i) =>
    resource("User", username, { username, password: password(username, i < rotated) }),
  );
}

function set(users: number, rotated: number): readonly Resource[] {
  const entries = names(users).map((name, i) => [name, { password: password(name, i < rotated) }]);
  return [resource("UserSet", "users", { users: Object.fromEntries(entries) })];
}

function resource(type: string, name: string, args: PropertyMap): Resource {
  const provider = type === "User" ? "user" : "userSet";
  return {
    urn: `urn:pulumi:${STACK}::${PROJECT}::pulumi-nodejs:dynamic/scram:${type}::${name}`,
    args: {
      ...args,
      owner: `organization/${PROJECT}/${STACK}/${type}::${name}`,
      __provider: `exports.handler=()=>require("pulumi-scram/provider").${provider};`,
    },
  };
}

function names(users: number): string[] {
  return Array.from({ length: users }, (_, i) => `user_${i}`);
}

function password(name: string, rotated: boolean) {
  return secret(createHash("sha256").update(`${name} ${rotated}`).digest("base64url").slice(0, 24));
}
