import { isDeepStrictEqual } from "node:util";
import type { Database } from "../../../database/contract/database";
import { isUserError } from "../../../errors";
import { type CheckFailure, hasUnknown, type Json, type Props, warnOnce } from "../../protocol/wire";
import { findRecorded } from "../ownership/whereabouts";
import { foreignOption, withoutOption } from "../reconcile/difference";
import { fromProps, toInputs, type UserState } from "../state";
import { tellAdoption, tellTakeover } from "./adoption";
import { optionOfOne } from "./arguments";

type Open = (connection: Json | undefined) => Promise<Database>;

/**
 * What only the server can tell before anything is applied: whether it has the options that are declared, and what adopting
 * an existing role will change. Asked only where something like that is declared: a preview works without a server else.
 *
 * @param inputs the answer of `checkUser`, unwrapped
 */
export async function checkOnServer(inputs: Props, isNew: boolean, open: Open): Promise<CheckFailure[]> {
  const special = optionOfOne(inputs, "postgresql") ?? optionOfOne(inputs, "cockroachdb");
  const isAdoption = isNew && inputs.adopt === true && !hasUnknown(inputs.username);
  if ((special === undefined && !isAdoption) || hasUnknown(inputs.connection)) return [];
  let failures: CheckFailure[] = [];
  await whereItAnswers(inputs, async () => {
    const database = await open(inputs.connection);
    const foreign = foreignOption(fromProps(inputs).options, database.product);
    if (foreign !== undefined) {
      failures = [{ property: "", reason: withoutOption(foreign, database.product) }];
    } else if (isAdoption) {
      const { state, later } = asFarAsKnown(inputs);
      const role = await database.findRole(state.username);
      if (role !== undefined) await tellAdoption(database, role, state, later);
    }
  });
  return failures;
}

/**
 * Says what an update will take over instead of the recorded role. `check` cannot: it is not told which role that was.
 *
 * @param recorded all of the state, with the role's identity
 * @param inputs as for {@link checkOnServer}
 */
export async function foretellTakeover(recorded: UserState, inputs: Props, open: Open): Promise<void> {
  if (inputs.adopt !== true || hasUnknown(inputs.username) || hasUnknown(inputs.connection)) return;
  if (isDeepStrictEqual(toInputs(recorded), toInputs(fromProps(inputs)))) return;
  await whereItAnswers(inputs, async () => {
    const database = await open(inputs.connection);
    const { state, later } = asFarAsKnown(inputs);
    const found = await findRecorded(database, recorded, state);
    await tellTakeover(database, recorded, found, state, later);
  });
}

/** The verifier stays, known or not: that there is one says something. */
function asFarAsKnown(inputs: Props): { readonly state: UserState; readonly later: ReadonlySet<string> } {
  const later = Object.keys(inputs).filter((key) => hasUnknown(inputs[key]));
  const known = Object.entries(inputs).filter(([key]) => key === "verifier" || !later.includes(key));
  return { state: fromProps(Object.fromEntries(known)), later: new Set(later) };
}

async function whereItAnswers({ username }: Props, ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!isUserError(error)) throw error;
    warnOnce(
      `user "${username}", and perhaps others, could not be compared with the server: ${error.message}`,
      `not compared: ${error.message}`,
    );
  }
}
