import { describeEffects, describeLockouts } from "../../audit/logins/effect-words";
import { type Effect, effectsOf, type Lockout } from "../../audit/logins/effects";
import { type AccessFacts, describeLeftover, type HbaReading } from "../../database/contract/access";
import type { Database } from "../../database/contract/database";
import { UserError } from "../../errors";
import { lintHba } from "../../hba";
import { requireProduct } from "../connection/connection";
import { isSameName } from "../connection/names";
import { warn, warnOnce } from "../protocol/wire";
import { sentenceOf } from "./check";
import { textOfLines } from "./lines";
import type { HbaState } from "./state";

/** A write is judged by what it replaces; where somebody else writes between the two, it is judged anew, at most so often. */
const TRIES = 5;

interface Applied {
  readonly changed: boolean;
  /** What was there before, and where. */
  readonly previous: string | null;
  readonly cluster: string | null;
}

/**
 * Makes the server go by these rules, unless somebody would be locked out.
 *
 * @param recorded the text that this server had when it was looked at last
 */
export async function apply(database: Database, state: HbaState, recorded?: string): Promise<Applied> {
  requireProduct(database, state.product, "the HBA rules");
  for (let tries = 1; ; tries++) {
    try {
      return await applyOnce(database, state, recorded);
    } catch (error) {
      if (!(error instanceof UserError && error.code === "hba-changed") || tries === TRIES) throw error;
    }
  }
}

async function applyOnce(
  database: Database,
  state: HbaState,
  recorded: string | undefined,
): Promise<Applied> {
  const text = textOfLines(state.rules);
  const { text: before, snapshot } = await settle(database);
  if (before === undefined) {
    throw new UserError(
      "hba-hidden",
      `the HBA rules of ${database.server} are hidden from this administrator`,
      {
        hint: "grant it MODIFYCLUSTERSETTING",
      },
    );
  }
  const changed = before !== text || snapshot === null;
  if (changed) {
    const facts = await database.hba.facts();
    enforceFindings(text, state, facts);
    const lockouts = state.guard === "off" ? [] : guard(before, text, state, facts);
    const mayLoseOwnLogin =
      lockouts.some(({ ownSession }) => ownSession) ||
      (state.guard === "off" && isAllowed(facts.own.user, state));
    const { inPlace } = await database.hba.write(text, {
      over: snapshot,
      mayLoseOwnLogin,
      isSecret: state.secretRules,
    });
    if (inPlace) warnInPlace(database);
    if (recorded !== undefined && before !== recorded) {
      warn(
        `the HBA rules of ${database.server} had been changed since they were recorded last, by somebody else or by an \`up\` that was interrupted; that is overwritten (\`pulumi refresh\` before an \`up\` shows such changes)`,
      );
    }
  }
  return { changed, previous: snapshot, cluster: await database.cluster() };
}

/** Only over what we wrote ourselves, as far as that can be seen. */
export async function restore(database: Database, previous: string | null, recorded: string): Promise<void> {
  const { text, snapshot } = await settle(database);
  if (snapshot === previous) return;
  if (text !== undefined && text !== recorded) {
    throw new UserError(
      "hba-foreign",
      `the HBA rules of ${database.server} have been changed since they were recorded last, by somebody else or by an \`up\` that was interrupted`,
      {
        hint: 'run `pulumi refresh`, which records them, then delete again; or set onDelete: "retain", run `pulumi up`, then delete',
      },
    );
  }
  const { inPlace } = await database.hba.restore(previous, snapshot);
  if (inPlace) warnInPlace(database);
}

async function settle(database: Database): Promise<HbaReading> {
  const { leftover, ...reading } = await database.hba.settle();
  if (leftover !== undefined) warn(describeLeftover(leftover, database.server));
  return reading;
}

function warnInPlace({ server }: Database): void {
  warn(
    `${server} cannot rename a file into the place of its HBA file, which is overwritten: if the server stops in that very moment, a part of it is left (docs/reference/command.md, hba restore)`,
  );
}

function isAllowed(user: string, { product, allowLockout }: HbaState): boolean {
  return allowLockout.some((allowed) => isSameName(product, allowed, user));
}

/** The version and the roles are known only now; what the server would refuse is refused before it sees it. */
function enforceFindings(
  text: string,
  { product, secretRules }: HbaState,
  { context, roles }: AccessFacts,
): void {
  const findings = lintHba(text, product, { ...context, roles });
  const refused = findings.find(({ severity }) => severity === "error");
  if (refused) throw new UserError("hba-refused", sentenceOf(refused, secretRules));
  for (const finding of findings) if (finding.severity === "warning") warn(sentenceOf(finding, secretRules));
}

/** Refuses, or warns of, the lockouts that are not allowed; answers those that will happen. */
function guard(before: string, text: string, state: HbaState, facts: AccessFacts): readonly Lockout[] {
  const unread = facts.roles.filter(({ storedHash }) => storedHash.kind === "unknown").length;
  if (unread > 0) {
    warn(
      `the lockout guard cannot judge ${unread} users, whose stored hashes this administrator may not read`,
    );
  }
  const effects = effectsOf(before, text, state.product, facts);
  const lockouts = effects.flatMap(({ lockout }) => (lockout ? [lockout] : []));
  const unwanted = lockouts.filter(({ user }) => !isAllowed(user, state));
  enforceNarrowings(effects, state);
  if (unwanted.length === 0) return lockouts;
  const problem = `the new HBA rules would lock out ${describeLockouts(unwanted)}`;
  if (state.guard === "warn") {
    warn(problem);
    return lockouts.filter((lockout) => !unwanted.includes(lockout));
  }
  throw new UserError("hba-lockout", problem, {
    hint: `change the rules, or name who may be locked out in allowLockout (${JSON.stringify(unwanted.map(({ user }) => user))})`,
  });
}

/** What is lost of a way in, where something of it is left: as hardening looks. */
function enforceNarrowings(effects: readonly Effect[], state: HbaState): void {
  const narrowed = effects
    .filter(({ lockout, user }) => lockout === undefined && !isAllowed(user, state))
    .map((effect) => ({ ...effect, gains: [] }));
  const lines = describeEffects(narrowed, state.secretRules);
  if (lines.length > 0 && state.guard === "strict") {
    throw new UserError("hba-narrowing", `with the new HBA rules ${lines.join("; ")}`, {
      hint: 'change the rules, set guard: "on", or name those users in allowLockout',
    });
  }
  for (const line of lines) warnOnce(`with the new HBA rules ${line}`);
}
