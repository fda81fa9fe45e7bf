/** The phases of CockroachDB's documentation ("SCRAM authentication", strict isolation of plaintext credentials). */
export const PHASES = [1, 2, 3] as const;
export type Phase = (typeof PHASES)[number];

/** What a phase does, and what is left to do after it. */
export const MEANING: Readonly<Record<Phase, { readonly does: string; readonly remains: string }>> = {
  1: {
    does: "pre-hash: every user gets a verifier that is made here; the server's rules stay as they are, so it may still see passwords",
    remains: "phase 2, new rules; then phase 3, new passwords",
  },
  2: {
    does: "enforce: the rules let users in by SCRAM or a certificate only, so the server sees no password any more",
    remains: "phase 3, new passwords",
  },
  3: {
    does: "isolate: every user gets a password that the server has never seen",
    remains: "nothing",
  },
};

/** Why a phase cannot follow on the one that is reached, if so. @param reached `undefined` at the beginning */
export function outOfOrder(phase: Phase, reached: Phase | undefined): string | undefined {
  if (phase === reached || phase === (reached ?? 0) + 1) return undefined;
  if (reached === undefined)
    return `phase ${phase} cannot be the first: without phase 1 there are users whom SCRAM does not let in`;
  if (phase < reached) {
    return `phase ${phase} cannot come after phase ${reached}: a server that is shown passwords again has to be taken through phase 3 again, with other passwords`;
  }
  return `phase 3 cannot come after phase 1: before the rules of phase 2 are in force, the server may see the new passwords too`;
}
