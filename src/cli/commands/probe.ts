import type { TlsFacts } from "../../database/connection/login/challenge";
import { type Probe, probeLogin } from "../../database/connection/probe";
import { UserError } from "../../errors";
import { cut, MAX_SERVER_WORDS } from "../../printable";
import type { CommandSpec } from "../command-spec";
import { holdsPassword } from "../input/server";
import { helpText } from "../terminal/help";
import { json } from "../terminal/json";
import { labelled } from "../terminal/layout";
import { STATUS } from "../terminal/status";
import { warn } from "../terminal/warn";

/** What a client would be asked at login. */
export const probe: CommandSpec = (program, io, act) => {
  program
    .command("probe")
    .summary("see what a client would be asked at login")
    .description(
      "Begins a login and breaks it off after the server's first message: shows what it asks of this user from this machine, and over which TLS.",
    )
    .argument("<url>", "postgresql://user@host:port/database?sslmode=…; of several hosts, the first is asked")
    .option("--json", "for machines")
    .addHelpText(
      "after",
      helpText(
        [
          "No password is needed or tried, and the server counts no failed login. Exit status: 0 the server asks for something or lets the user in, 1 it refuses, 2 it cannot be asked.",
        ],
        "pulumi-scram probe 'postgresql://app@db.example.com/?sslmode=require'",
      ),
    )
    .action(
      act(async (url: string, { json: isForMachines = false }: { json?: boolean }) => {
        if (!/^postgres(ql)?:\/\//.test(url))
          throw new UserError("connection-url", "that is not a URL", {
            hint: "write postgresql://user@host:5432/database",
          });
        if (holdsPassword(url))
          warn(
            io,
            "the password in the URL is seen by whoever lists processes; leave it out, no password is tried",
          );
        const probed = await probeLogin(url);
        if (isForMachines) io.out(json(forMachines(probed)));
        else for (const [label, text] of linesOf(probed)) io.out(labelled(io, label, text));
        return probed.challenge.asks === "refused" ? STATUS.no : STATUS.yes;
      }),
    );
};

function forMachines({ challenge, ...rest }: Probe): object {
  if (challenge.asks !== "scram-sha-256") return { ...rest, ...challenge };
  const { salt, ...asked } = challenge;
  return { ...rest, ...asked, salt: salt.toString("base64"), mayBeMock: mayBeMock(challenge) };
}

function linesOf({
  server,
  hosts,
  user,
  database,
  challenge,
  tls,
  clientCertificate,
}: Probe): [string, string][] {
  return [
    ["server", hosts > 1 ? `${server}, the first of ${hosts} hosts` : server],
    ["user", `${user}, to database ${database}`],
    ...(tls === undefined ? [["TLS", "no"] satisfies [string, string]] : encrypted(tls)),
    ...(clientCertificate
      ? [["shown", "the client's certificate (sslcert)"] satisfies [string, string]]
      : []),
    ...asked(challenge, clientCertificate),
  ];
}

function encrypted({ protocol, subject, issuer, validTo, trusted }: TlsFacts): [string, string][] {
  return [
    ["TLS", protocol ?? "yes"],
    ["certificate", `${subject}, until ${validTo.slice(0, 10)}`],
    ["issued by", `${issuer}, ${trusted ? "trusted here" : "not trusted here"}`],
  ];
}

function asked(challenge: Probe["challenge"], clientCertificate: boolean): [string, string][] {
  switch (challenge.asks) {
    case "refused":
      return [["refused", cut(challenge.reason, MAX_SERVER_WORDS)]];
    case "scram-sha-256":
      return [
        ["asks for", "SCRAM"],
        ["mechanisms", challenge.mechanisms.join(", ")],
        ["iterations", String(challenge.iterations)],
        ["salt", `${challenge.salt.toString("base64")} (${challenge.salt.length} bytes)`],
        ...(mayBeMock(challenge) ? [["note", MOCK] satisfies [string, string]] : []),
      ];
    case "nothing":
      return [["asks for", clientCertificate ? NOTHING_MORE : WORDS.nothing]];
    default:
      return [["asks for", WORDS[challenge.asks]]];
  }
}

const WORDS = {
  "cleartext-password": "the password in clear text",
  "md5-password": "an md5 hash of the password",
  nothing: "nothing: anybody can log in as this user",
  "something else": "something else (Kerberos, LDAP, OAuth …)",
} as const;

const NOTHING_MORE =
  "nothing more: the certificate may have been enough, or nothing is needed (sslcertmode=disable tells)";

/** What PostgreSQL makes up has 16 bytes and 4,096 iterations (SCRAM_SHA_256_DEFAULT_ITERATIONS), whatever scram_iterations is. */
function mayBeMock({ salt, iterations }: { readonly salt: Buffer; readonly iterations: number }): boolean {
  return salt.length === 16 && iterations === 4096;
}

const MOCK =
  "PostgreSQL gives the same answer, with a salt that it makes up, for a user that does not exist, has no SCRAM verifier, or whose password has expired";
