import { METHODS } from "../hba/methods";
import { findRule, type Rule, rulesInForce } from "../hba/rules";
import { HBA_SETTING, IDENTITY_MAP_SETTING } from "../settings/definitions";
import { Settings } from "../settings/settings";
import type { StandIn } from "../stand-in";
import { SqlError, unimplemented } from "../wire/sql-error";
import { passwordFailed, type Visitor } from "./attempt";
import { checkIdentity } from "./identity-map";
import { LOGIN_METHODS, mapOf } from "./methods";
import { findUser } from "./user";

/** Lets the visitor in or throws: facts 4.2, in its order. The rule found is the rule; there is no second one to try. */
export async function authenticate(visitor: Visitor, { database, profile }: StandIn): Promise<void> {
  const settings = await Settings.read(database.sql, profile);
  const rule = usableRule(rulesInForce(settings.text(HBA_SETTING), profile), visitor);
  const map = mapOf(rule);
  if (map !== undefined && visitor.certificate !== undefined) {
    checkIdentity(settings.text(IDENTITY_MAP_SETTING), map, visitor.certificate, visitor.user, profile);
  }
  // No request is sent before this: who is missing gets no challenge, not even under `trust`.
  const user = await findUser(database.sql, visitor.user);
  if (user === undefined) throw passwordFailed(visitor.user);
  if (!user.mayLogIn) throw new SqlError("28000", `${user.name} does not have login privilege`);
  const method = LOGIN_METHODS[rule.method];
  if (method === undefined) throw unimplemented(`the stand-in has no ${rule.method} authentication`);
  await method({ visitor, rule, user, settings, profile, sql: database.sql });
}

/** Facts 1.7 */
function usableRule(rules: readonly Rule[], { user, type, address }: Visitor): Rule {
  const rule = findRule(rules, { user, type, address });
  if (rule === undefined) {
    const reason = `no ${HBA_SETTING} entry for host "${address}", user "${user}"`;
    throw new SqlError("28000", reason);
  }
  const only = METHODS[rule.method]?.only;
  if (only !== undefined && only !== type) {
    const reason = `method "${rule.method}" required for this user, but unusable over this connection type`;
    throw new SqlError("28000", reason);
  }
  return rule;
}
