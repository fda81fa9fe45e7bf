import { randomUUID } from "node:crypto";
import { ScramError } from "../../scram/error";
import { connector } from "../connection";
import { withoutStacks } from "../mistake";
import { checkOnServer } from "../user/check-on-server";
import { readUser } from "../user/read";
import type { UserState } from "../user/state";
import { type CheckResult, PartialFailure, type Props, type Provider, UNKNOWN, unwrapSecrets } from "../wire";
import { type Applied, applyUsers } from "./apply";
import { checkSet, ofUser } from "./check";
import { entriesIn, type SetState, setFromProps, setToInputs, setToProps, userProps } from "./state";

/** What `new ScramUserSet` does on each of the engine's calls. */
export function userSetProvider(): Provider {
  const connection = connector();

  /** @param recorded what there was before; `undefined` for a new set */
  async function apply(id: string, recorded: SetState | undefined, inputs: Props): Promise<Props> {
    const wanted = setFromProps(inputs);
    const database = await connection.open(wanted.connection);
    const applied = await applyUsers(database, recorded?.users ?? new Map(), wanted.users);
    const outs = setToProps({ ...wanted, users: applied.users });
    if (applied.failures.size > 0)
      throw failure(id, applied, { ...outs, __provider: inputs.__provider ?? "" });
    return outs;
  }

  return withoutStacks({
    configure: connection.configure,

    async check(olds, news) {
      const checked = await checkSet(olds, news);
      return checked.failures === undefined ? withServersOpinion(olds, checked, connection.open) : checked;
    },

    // Which users differ, and in what, the engine finds by itself.
    diff: async () => ({}),

    async create(inputs) {
      const id = randomUUID();
      return { id, outs: await apply(id, undefined, inputs) };
    },

    async read(id, props) {
      const recorded = setFromProps(props);
      const database = await connection.open(recorded.connection);
      const found = await Promise.all([...recorded.users.values()].map((user) => readUser(database, user)));
      const users = new Map(
        found.flatMap((user) => (user === undefined ? [] : [[user.username, user] as [string, UserState]])),
      );
      const state = { ...recorded, users };
      return { id, props: setToProps(state), inputs: setToInputs(state) };
    },

    async update(id, olds, news) {
      return { outs: await apply(id, setFromProps(olds), news) };
    },

    async delete(_id, props) {
      const recorded = setFromProps(props);
      const database = await connection.open(recorded.connection);
      const { failures } = await applyUsers(database, recorded.users, new Map());
      if (failures.size > 0) throw new ScramError("users-failed", reasons(failures).join("\n"));
    },
  });
}

async function withServersOpinion(
  olds: Props,
  checked: CheckResult,
  open: Parameters<typeof checkOnServer>[2],
): Promise<CheckResult> {
  const inputs = unwrapSecrets(checked.inputs);
  const known = Object.entries(entriesIn(inputs.users)).filter(([, entry]) => entry !== UNKNOWN);
  const failures = await Promise.all(
    known.map(async ([name, entry]) => {
      const isNew = entriesIn(olds.users)[name] === undefined;
      const found = await checkOnServer(userProps(name, entry as Props, inputs), isNew, open);
      return found.map((failure) => ofUser(name, failure));
    }),
  );
  const wrong = failures.flat();
  return wrong.length > 0 ? { inputs: {}, failures: wrong } : checked;
}

type RecordedProps = ConstructorParameters<typeof PartialFailure>[1];

/** When nothing at all was done, what is recorded stays as it is; else the engine records what was. */
function failure(id: string, { failures, done }: Applied, properties: RecordedProps): Error {
  const lines = reasons(failures);
  return done === 0
    ? new ScramError("users-failed", lines.join("\n"))
    : new PartialFailure(id, properties, lines);
}

/** More of them tell no more. */
const MAX_REASONS = 20;

/** One line a user, or one for all when it is the same. */
function reasons(failures: ReadonlyMap<string, string>): string[] {
  const [first = ""] = failures.values();
  if (failures.size > 1 && [...failures.values()].every((reason) => reason === first))
    return [`none of these ${failures.size} users could be changed: ${first}`];
  const lines = [...failures].map(([name, reason]) => `user "${name}": ${reason}`);
  const more = lines.length - MAX_REASONS;
  return more > 0 ? [...lines.slice(0, MAX_REASONS), `and ${more} users more`] : lines;
}
