import type { Props } from "../protocol/wire";
import { entriesIn } from "./state";

/** In states of before this was recorded, the phase stood before the users' own rotationKey. */
export function withRecordedPhase(olds: Props): Props {
  if (olds.isolated !== undefined || olds.users === undefined) return olds;
  const entries = Object.entries(entriesIn(olds.users)).map(([name, entry]) => {
    const { rotationKey, ...rest } = entriesIn(entry);
    const [phase, first, own] = PHASE_KEY.exec(String(rotationKey)) ?? [];
    const isolated = phase !== undefined && first === undefined;
    const user = {
      ...rest,
      ...(own !== undefined && { rotationKey: own }),
      // Only ready-made verifiers have no seed.
      ...(isolated && rest.saltSeed !== undefined && { isolated }),
    };
    return { name, isolated, user: phase === undefined ? entry : user, history: rest.history ?? [] };
  });
  const isolated = entries.some((entry) => entry.isolated);
  return {
    ...olds,
    users: Object.fromEntries(entries.map(({ name, user }) => [name, user])),
    isolated,
    ...(isolated && { seen: Object.fromEntries(entries.map(({ name, history }) => [name, history])) }),
  };
}

const PHASE_KEY =
  /^(?:(strict isolation, before phase 3)|phase 3 of strict isolation: until phase 2 the server may have seen the password)(?:; (.*))?$/s;
