import { describeEffects, describeLockouts } from "../../audit/logins/effect-words";
import { effectsOf } from "../../audit/logins/effects";
import type { Database } from "../../database/contract/database";
import { isUserError } from "../../errors";
import { hasUnknown, type Json, type Props, warnOnce } from "../protocol/wire";
import { textOfLines } from "./lines";
import { fromProps } from "./state";

/**
 * Tells who will gain and who will lose which way in, for whoever reviews a preview; where the server does not answer, that.
 *
 * @param inputs the answer of `checkHba`, unwrapped
 */
export async function tellEffects(
  olds: Props,
  inputs: Props,
  open: (connection: Json | undefined) => Promise<Database>,
): Promise<void> {
  if (hasUnknown(inputs.rules) || hasUnknown(inputs.connection)) return;
  const state = fromProps(inputs);
  const text = textOfLines(state.rules);
  if (state.guard === "off" || (olds.rules !== undefined && textOfLines(fromProps(olds).rules) === text))
    return;
  try {
    const database = await open(state.connection);
    if (database.product !== state.product) return;
    const { text: before } = await database.hba.read();
    if (before === undefined || before === text) return;
    const effects = effectsOf(before, text, state.product, await database.hba.facts());
    const lockouts = effects.flatMap(({ lockout }) => (lockout ? [lockout] : []));
    if (lockouts.length > 0 && !state.secretRules)
      warnOnce(`the new HBA rules would lock out ${describeLockouts(lockouts)}`);
    for (const line of describeEffects(effects, state.secretRules))
      warnOnce(`with the new HBA rules ${line}`);
  } catch (error) {
    if (!isUserError(error)) throw error;
    warnOnce(`what the new HBA rules do to users could not be found out: ${error.message}`);
  }
}
