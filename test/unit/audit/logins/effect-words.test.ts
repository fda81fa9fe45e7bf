import { describe, expect, it } from "vitest";
import { describeLockouts } from "../../../../src/audit/logins/effect-words";

const lockout = (user: string, reason: string) => ({ user, reason, ownSession: false });
const many = (count: number, reason: (user: string) => string, stem = "user") =>
  Array.from({ length: count }, (_, i) => lockout(`${stem}${i}`, reason(`${stem}${i}`)));

describe("who would be locked out", () => {
  it("one user, with the reason as it is", () => {
    expect(describeLockouts([lockout("old", "from elsewhere: the hash of `old` is md5")])).toBe(
      '"old" (from elsewhere: the hash of `old` is md5)',
    );
  });

  it("several, those with the same reason together, be it in the user's name", () => {
    const lockouts = [
      lockout("alone", "for replication: no rule"),
      ...many(2, (user) => `from elsewhere: the hash of \`${user}\` is md5`),
    ];
    expect(describeLockouts(lockouts)).toBe(
      '3 users: "user0", "user1" (from elsewhere: the hash of the user is md5); "alone" (for replication: no rule)',
    );
  });

  it("many, of whom ten are named and the others counted", () => {
    expect(describeLockouts(many(24, () => "no rule is for the user any more"))).toMatch(
      /^24 users: "user0", .*"user9", 14 more \(no rule is for the user any more\)$/,
    );
  });

  it("for many reasons, of which ten are told", () => {
    const words = describeLockouts(many(1_000, (user) => `reason ${user.length} ${user}`));
    expect(words).toMatch(/; 990 more for other reasons$/);
    expect(words.length).toBeLessThan(1_000);
  });
});
