import { describe, expect, it } from "vitest";
import { useStandIn } from "../../cockroachdb-stand-in/testing";

/** Facts 2.6. */
const VECTORS: readonly (readonly [password: string, hash: string])[] = [
  [
    "abc",
    "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=",
  ],
  [
    "abc",
    "SCRAM-SHA-256$119680:Hw/dhibRaBVbObr6bATlqw==$BTFlXuZT2ZNxA3DxogkGgK0wVlOyNtxGoqDI62hyLUo=:3eZMZdAossPInncABj7/N/jkGtRZEUrz7uGkkNibHps=",
  ],
  [
    "pass",
    "SCRAM-SHA-256$119680:RuTd0cF3mxFD/nUyNmH4bA==$PsNXCu6vNpjJmeAnph5NA5FWUYlkqIdKD/tTvHCMwLI=:sS8xL723JQUDVG4pL3uk17yoBeVE3d6ZuWpV7Mp/eNE=",
  ],
  ["demo37559", "CRDB-BCRYPT$2a$10$vcmoIBvgeHjgScVHWRMWI.Z3v03WMixAw2bBS6qZihljSUuwi88Yq"],
  ["abc", "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1."],
];

const METHODS = ["", "host all all all password", "host all all all scram-sha-256"];

describe.each(["v22.1", "v24.3", "v26.1"] as const)("%s: hashes of the facts log in", (version) => {
  const bed = useStandIn({ version });

  it.each(VECTORS.flatMap((vector) => METHODS.map((hba) => [...vector, hba] as const)))(
    "%s with %s under %j",
    async (password, hash, hba) => {
      await bed.rows("DROP USER IF EXISTS vector");
      await bed.rows("CREATE USER vector PASSWORD $1", [hash]);
      await bed.rows("SET CLUSTER SETTING server.host_based_authentication.configuration = $1", [hba]);
      const refused = { code: "28P01", message: "password authentication failed for user vector" };
      // A bcrypt hash proves nothing in a SCRAM exchange (facts 4.4).
      const bcryptUnderScram = hash.startsWith("CRDB-BCRYPT") && hba.endsWith("scram-sha-256");

      expect(await bed.login("vector", "wrong")).toEqual(refused);
      expect(await bed.login("vector", password)).toEqual(bcryptUnderScram ? refused : "in");
      expect(await bed.login("vector", password)).toEqual(bcryptUnderScram ? refused : "in");
    },
  );
});
