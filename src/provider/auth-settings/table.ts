import { SETTING } from "../../database/cockroachdb/setting-names";
import type { Product } from "../../database/contract/database";
import { MAX_ITERATIONS } from "../../scram/iterations";
import { AS_GIVEN, type Fields } from "../protocol/fields";
import { choiceRule, flagRule, type Rule, wholeNumberRule } from "../protocol/rules";
import type { Json } from "../protocol/wire";

/** A setting of the server, and what it takes. */
export type Setting = {
  readonly name: string;
  /** The first version that has it; absent where every supported one does. */
  readonly since?: string;
  /** What a server does that lacks it: declared so, there is nothing to set. */
  readonly without?: Json;
} & (
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly from: number; readonly to: number }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
);

const BCRYPT_COSTS = { from: 4, to: 31 };
/** CockroachDB would take 240,000,000,000; a login at our bound takes it a second already. */
const SCRAM_COSTS = { from: 4096, to: MAX_ITERATIONS };

/** Argument names follow the settings, in camel case. Sources: CockroachDB pkg/security/password.go; PostgreSQL documentation, 19.3.2. */
export const SETTINGS = {
  cockroachdb: {
    passwordEncryption: {
      name: SETTING.passwordEncryption,
      kind: "choice",
      choices: ["scram-sha-256", "crdb-bcrypt"],
    },
    storeClientPreHashedPasswords: {
      name: SETTING.storeClientPreHashedPasswords,
      kind: "boolean",
    },
    upgradeBcryptStoredPasswordsToScram: {
      name: SETTING.upgradeBcryptStoredPasswordsToScram,
      kind: "boolean",
    },
    downgradeScramStoredPasswordsToBcrypt: {
      name: SETTING.downgradeScramStoredPasswordsToBcrypt,
      since: "v22.2.6",
      without: false,
      kind: "boolean",
    },
    rehashScramStoredPasswordsOnCostChange: {
      name: SETTING.rehashScramStoredPasswordsOnCostChange,
      since: "v22.2.7",
      without: false,
      kind: "boolean",
    },
    certPasswordMethodAutoScramPromotion: {
      name: SETTING.certPasswordMethodAutoScramPromotion,
      kind: "boolean",
    },
    defaultCostScramSha256: {
      name: SETTING.defaultCostScramSha256,
      kind: "integer",
      ...SCRAM_COSTS,
    },
    defaultCostCrdbBcrypt: {
      name: SETTING.defaultCostCrdbBcrypt,
      kind: "integer",
      ...BCRYPT_COSTS,
    },
    minPasswordLength: { name: SETTING.minPasswordLength, kind: "integer", from: 0, to: 1000 },
  },
  postgresql: {
    passwordEncryption: { name: "password_encryption", kind: "choice", choices: ["scram-sha-256", "md5"] },
    scramIterations: { name: "scram_iterations", since: "16", kind: "integer", from: 1, to: MAX_ITERATIONS },
  },
} as const satisfies Readonly<Record<Product, Readonly<Record<string, Setting>>>>;

export function settingsOf(product: Product): readonly (readonly [argument: string, Setting])[] {
  return Object.entries<Setting>(SETTINGS[product]);
}

/** The settings of a product as fields of a resource. */
export function fieldsOf(product: Product): Fields {
  return Object.fromEntries(
    settingsOf(product).map(([name, setting]) => [name, { ...AS_GIVEN, rule: ruleOf(setting) }]),
  );
}

function ruleOf(setting: Setting): Rule {
  switch (setting.kind) {
    case "boolean":
      return flagRule;
    case "choice":
      return choiceRule(setting.choices);
    case "integer":
      return wholeNumberRule(setting.from, setting.to);
  }
}

/** In the server's spelling. */
export function toServerValue(value: Json): string {
  return String(value);
}

/** From the server's spelling, which for booleans differs between products and versions. */
export function fromServerValue(setting: Setting, text: string): Json {
  switch (setting.kind) {
    case "boolean":
      return /^(true|on|t)$/i.test(text);
    case "integer":
      return Number(text);
    case "choice":
      return text;
  }
}
