import type { Product } from "../hba";
import { MAX_PORTABLE_ITERATIONS, MIN_ITERATIONS } from "../scram/iterations";
import type { StoredHash } from "../scram/stored-hash";
import { type Finding, warning } from "./finding";

/** What a stored hash means for who logs in with it, whatever the rules. */
export function hashFindings(stored: StoredHash, product?: Product): Finding[] {
  switch (stored.kind) {
    case "md5":
      return [
        warning(
          "md5",
          "is md5, which works as the password to whoever steals it; set a verifier in its place",
        ),
      ];
    case "bcrypt":
      return [warning("bcrypt", "is bcrypt, for which CockroachDB asks for the password in clear")];
    case "scram-sha-256":
      return ofVerifier(stored.verifier.iterations, product);
    default:
      return [];
  }
}

function ofVerifier(iterations: number, product: Product | undefined): Finding[] {
  if (iterations > MAX_PORTABLE_ITERATIONS) {
    return [
      warning(
        "iterations-over-drivers",
        `has ${iterations} iterations; drivers refuse more than ${MAX_PORTABLE_ITERATIONS}`,
      ),
    ];
  }
  if (iterations >= MIN_ITERATIONS) return [];
  const few = `has ${iterations} iterations, fewer than the ${MIN_ITERATIONS} that`;
  return [
    warning(
      "iterations-few",
      product === "cockroachdb"
        ? `${few} CockroachDB takes: it does not load the hash, and no password fits`
        : `${few} RFC 7677 asks for`,
    ),
  ];
}
