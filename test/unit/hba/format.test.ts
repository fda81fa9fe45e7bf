import { describe, expect, it } from "vitest";
import { formatHba, type Product, parseHba } from "../../../src/hba";

const normal = (text: string, product: Product) => formatHba(parseHba(text, product), { normalise: true });

describe("a normalised text", () => {
  it("has aligned columns and the same lines in the same order, comments included", () => {
    const text = `# who may come in
host all all 10.0.0.0/8 scram-sha-256   # the office
   local  all  a,  "b c" peer map=os
host   all root 192.168.0.0   255.255.0.0   reject

# the end  `;
    expect(normal(text, "postgresql")).toBe(`# who may come in
host  all all     10.0.0.0/8              scram-sha-256  # the office
local all a,"b c"                         peer          map=os
host  all root    192.168.0.0 255.255.0.0 reject

# the end
`);
  });

  it("has no address column when all rules are local", () => {
    expect(normal("local  all\tall   trust\n", "cockroachdb")).toBe("local all all trust\n");
  });

  it("keeps the line ends of Windows", () => {
    expect(normal("local  all\tall   trust\r\n", "cockroachdb")).toBe("local all all trust\r\n");
  });

  it("takes nothing from a token that ends in a blank of some kind", () => {
    expect(normal("local  all all trust\u00a0\n", "cockroachdb")).toBe("local all all trust\u00a0\n");
    expect(normal('local all  all peer "map=a  \n', "postgresql")).toBe('local all all peer "map=a  \n');
  });

  it("joins PostgreSQL's continued lines", () => {
    expect(normal("host all \\\n all all md5 # a \\\nb", "postgresql")).toBe("host all all all md5  # a b\n");
  });

  it("leaves a backslash at the end of a line where it does no harm", () => {
    const text = "# a\\\\\n\nlocal all all trust\n";
    expect(normal(text, "postgresql")).toBe("# a\\\\\n\nlocal all all trust\n");
    expect(normal("# a\\\nlocal all  all trust", "cockroachdb")).toBe("# a\\\nlocal all all trust\n");
  });

  it("keeps include directives", () => {
    expect(normal('include   "b c.conf"   # more\n', "postgresql")).toBe('include "b c.conf"  # more\n');
  });

  it("keeps an option that spans tokens", () => {
    expect(normal("host all all all cert  k= O=x, C=y\n", "cockroachdb")).toBe(
      "host all all all cert k= O=x, C=y\n",
    );
  });
});
