import fc from "fast-check";

const connection = fc.constantFrom(
  "local",
  "host",
  "hostssl",
  "hostnossl",
  "hostgssenc",
  "loopback",
  "HOST",
  '"host"',
);
const name = fc.constantFrom(
  "all",
  "bob",
  '"all"',
  "+staff",
  "a,b",
  "a, b,",
  '"b c"',
  "/^a",
  "@f",
  "x#y",
  'a"b""c"',
  "Ä",
);
const address = fc.constantFrom(
  "all",
  "10.0.0.0/8",
  "::1/128",
  "1.2.3.4 255.0.0.0",
  "samenet",
  ".x.org",
  "10.1/16",
  "",
  '""',
);
const method = fc.constantFrom(
  "trust",
  "scram-sha-256",
  "password",
  "md5",
  "cert-password",
  "ldap",
  "nope",
  '"trust"',
);
const option = fc.constantFrom(
  "",
  "",
  "",
  "map=x",
  'k="v w"',
  "a=1,b=2",
  "ldapbindpasswd=x",
  "k= v, w",
  "loose",
);
const blank = fc.constantFrom(" ", "  ", "\t", " \\\n ", ", ");
const end = fc.constantFrom(
  "\n",
  "\n",
  "\n",
  "\r\n",
  " # note\n",
  "#x \n",
  " \\\n",
  "\\\\\n",
  "",
  "\n\n",
  "\r\r\n",
);

const rule = fc
  .tuple(connection, name, name, address, method, option, blank, end)
  .map(([type, databases, users, where, how, extra, separator, terminator]) =>
    [type, databases, users, where, how, extra]
      .filter((part) => part !== "")
      .join(separator)
      .concat(terminator),
  );
const remark = fc
  .tuple(fc.constantFrom("#", " # ", "", "include other.conf", "include_dir  d # why"), fc.string(), end)
  .map((parts) => parts.join(""));

/** Lines like those of a real file, right and wrong ones, and noise. */
export const hbaText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 6, arbitrary: rule }, remark, fc.string({ unit: "binary" })), { maxLength: 8 })
  .map((lines) => lines.join(""));
