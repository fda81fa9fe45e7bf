import type { Database } from "../../database/database";
import { changedOptions, type Role, type RoleIdentity, type RoleOptions } from "../../database/role";
import { ScramError } from "../../scram/error";
import { connector } from "../connection";
import { isMistake, withoutStacks } from "../mistake";
import { isSameName } from "../names";
import { type Provider, warn } from "../wire";
import { checkUser } from "./check";
import { fromProps, toProps, type UserState } from "./state";

/** What `new ScramUser` does on each of the engine's calls. */
export function userProvider(): Provider {
  const connection = connector();
  const open = (state: UserState) => connection.open(state.connection);

  return withoutStacks({
    configure: connection.configure,

    check: async (olds, news) => checkUser(olds, news),

    async diff(_id, olds, news) {
      // One name cannot be there twice: a replacement that the user forces has to drop the role first.
      const { username, identity } = fromProps(olds);
      return isSameName(identity?.product ?? "postgresql", username, fromProps(news).username)
        ? { deleteBeforeReplace: true }
        : { replaces: ["username"] };
    },

    async create(inputs) {
      const state = fromProps(inputs);
      const database = await open(state);
      const identity = await create(database, state.username, state);
      return { id: database.roleId(state.username), outs: toProps({ ...state, identity }) };
    },

    async read(id, props) {
      const recorded = fromProps(props);
      const role = await findOwn(await open(recorded), id, recorded);
      // An empty id tells the engine that the resource is gone.
      if (role === undefined) return { id: "", props: {}, inputs: {} };
      const found = asFound(recorded, role);
      return { id, props: toProps(found), inputs: toProps({ ...found, identity: undefined }) };
    },

    async update(id, olds, news) {
      const state = fromProps(news);
      const database = await open(state);
      const recorded = fromProps(olds);
      const role = await findOwn(database, id, recorded);
      let identity = role?.identity;
      if (role === undefined) {
        warn(`user "${id}" was no longer on ${database.server}; it is created again`);
        identity = await create(database, id, state);
      } else {
        const stored = role.storedHash.readable ? role.storedHash.hash : recorded.verifier;
        const changes = {
          ...changedOptions(role, optionsOf(state)),
          ...(stored !== state.verifier && { verifier: verifierOf(state) }),
        };
        if (Object.keys(changes).length > 0) await database.alterRole(id, changes);
      }
      return { outs: toProps({ ...state, identity }) };
    },

    async delete(id, props) {
      const recorded = fromProps(props);
      const database = await open(recorded);
      if ((await findOwn(database, id, recorded)) !== undefined) await database.dropRole(id);
    },
  });
}

/** A role that is there already is somebody else's, whatever its hash: to take it over would be to drop it one day. */
async function create(database: Database, name: string, state: UserState): Promise<RoleIdentity> {
  try {
    return await database.createRole(name, { ...optionsOf(state), verifier: verifierOf(state) });
  } catch (error) {
    if (!(isMistake(error) && error.code === "COMMIT_LOST")) throw error;
    // Before the transaction it was not there, or CREATE would have failed: if it is now, the transaction went through.
    const role = await database.findRole(name);
    if (role === undefined) throw error;
    return role.identity;
  }
}

/**
 * The role, unless the connection has come to lead to another server that has a role of that name: one that was never
 * ours to change or drop.
 */
async function findOwn(database: Database, id: string, recorded: UserState): Promise<Role | undefined> {
  const role = await database.findRole(id);
  if (role === undefined || isSame(recorded, role)) return role;
  throw new ScramError(
    "another-server",
    `${database.server} is not the server that user "${id}" was created on, and has a role of that name`,
    {
      hint: "correct the connection; or, if the old server is gone for good, run `pulumi state delete` for this resource",
    },
  );
}

/** An upgrade changes the cluster but neither oid nor hash, a restored dump neither name nor hash. */
function isSame({ identity: recorded, verifier }: UserState, { identity: found, storedHash }: Role): boolean {
  if (recorded?.cluster == null || found.cluster === null || recorded.cluster === found.cluster) return true;
  if (found.oid !== null && recorded.oid === found.oid) return true;
  return storedHash.readable && storedHash.hash !== null && storedHash.hash === verifier;
}

function optionsOf(state: UserState): RoleOptions {
  return { login: state.login, validUntil: state.validUntil ?? null };
}

function verifierOf(state: UserState): string {
  if (state.verifier === undefined) {
    throw new ScramError(
      "verifier-missing",
      `the recorded inputs of user "${state.username}" hold no verifier`,
      {
        hint: "run `pulumi up` with a password or a verifier declared",
      },
    );
  }
  return state.verifier;
}

/** The recorded state with what the server really holds in its place; what cannot be read stays as recorded. */
function asFound(recorded: UserState, role: Role): UserState {
  const changed = changedOptions(optionsOf(recorded), role);
  return {
    ...recorded,
    login: role.login,
    validUntil: changed.validUntil === undefined ? recorded.validUntil : (changed.validUntil ?? undefined),
    verifier: role.storedHash.readable ? (role.storedHash.hash ?? undefined) : recorded.verifier,
  };
}
