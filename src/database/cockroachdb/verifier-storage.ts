import type pg from "pg";
import { UserError } from "../../errors";
import { lacksPrivilege } from "../session/sqlstate";
import { inSavepoint } from "../session/transaction";
import * as statements from "./statements";

/**
 * With this cluster setting off, the server takes a verifier for a password, hashes it and reports success.
 *
 * @throws UserError `verifiers-refused`
 */
export async function refuseUnlessVerifiersAreStored(client: pg.ClientBase): Promise<void> {
  if ((await readSetting(client)) !== false) return;
  throw new UserError(
    "verifiers-refused",
    `the cluster does not store verifiers: ${statements.ACCEPT_VERIFIERS} is off`,
    {
      hint: `turn it on: SET CLUSTER SETTING ${statements.ACCEPT_VERIFIERS} = true`,
    },
  );
}

/** `undefined` for an administrator who may not see settings; then what is read back decides. */
async function readSetting(client: pg.ClientBase): Promise<boolean | undefined> {
  try {
    const { rows } = await inSavepoint(client, () =>
      client.query<Record<string, boolean>>(statements.showSetting(statements.ACCEPT_VERIFIERS)),
    );
    return rows[0]?.[statements.ACCEPT_VERIFIERS];
  } catch (error) {
    if (lacksPrivilege(error)) return undefined;
    throw error;
  }
}
