import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { serverUrl, sql, storedHash } from "../support/server";

// What each command says is tested in test/unit/cli and test/integration/cli; here is the process around them.
const MAIN = resolve("dist/cli/main.js");
const SEED =
  "SCRAM-SHA-256$119680:D1nWfUQfRP2HWbVuK19Ntw==$ulRLI4fp/bvJN/oBC3x6Q8daLnPit2eWLvm2sex9vyc=:XHVeRmT8iboSn0KMbIx3nMRrebR2gIbi+qEMnHfJi+I=";

function run(args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}) {
  const { PGHOST: _, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    input,
    encoding: "utf8",
    timeout: 30_000,
    env: { ...inherited, ...env },
  });
  return { status, out: stdout, err: stderr };
}

it("in a shell: printf 'password' | npx pulumi-scram hash … prints the verifier", () => {
  const line =
    "printf 'password' | npx pulumi-scram hash --iterations 119680 --salt D1nWfUQfRP2HWbVuK19Ntw==";
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const { stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8", env: { ...process.env, PATH: path } });
  expect(stdout).toBe(`${SEED}\n`);
});

it.each<[string, string[], string, number]>([
  ["yes", ["verify", SEED], "password", 0],
  ["no", ["verify", SEED], "hunter2", 1],
  ["no answer", ["verify", "hunter2"], "hunter2", 2],
  ["no password", ["hash"], "", 1],
  ["no server", ["users"], "", 2],
])("ends with the status of: %s", (_case, args, input, status) => {
  const outcome = run(args, input, { SCRAM_DATABASE_URL: "" });
  expect(outcome.status).toBe(status);
  expect(outcome.err).not.toContain("hunter2");
  expect(outcome.err).not.toMatch(/^\s+at /m);
});

it("what hash makes, psql takes, and userlist gives back", async () => {
  const { out: statement } = run(["hash", "--format", "sql", "--user", "hashed"], "s3cret\n");
  await sql(`CREATE ROLE hashed LOGIN; ${statement}`);
  const env = { SCRAM_DATABASE_URL: serverUrl() };
  expect(run(["userlist", "hashed"], "", env).out).toBe(`"hashed" "${await storedHash("hashed")}"\n`);
  expect(run(["verify", (await storedHash("hashed")) ?? ""], "s3cret").status).toBe(0);
});

it("lists the users of the server that the environment names, and ends", () => {
  const { status, out } = run(["users", "--fail-on", "never"], "", { SCRAM_DATABASE_URL: serverUrl() });
  expect(status).toBe(0);
  expect(out).toMatch(/^postgres +scram 4096 +never/m);
});

it("input without an end is refused", async () => {
  const child = spawn(process.execPath, [MAIN, "hash"], { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.on("error", () => {});
  const feed = () => void (child.stdin.writable && child.stdin.write(Buffer.alloc(1 << 20, "x"), feed));
  feed();
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const [status] = await once(child, "close");
  expect([status, err]).toEqual([2, expect.stringMatching(/the input is longer than/)]);
});

/** More than a pipe holds, so that the command still writes when its reader has gone. */
const MANY_RULES = "host all all 10.0.0.0/8 scram-sha-256\n".repeat(20_000);

function inShell(command: string, input = "") {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${command}`], {
    input,
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, NODE: process.execPath, MAIN },
  });
  return { status, out: stdout, err: stderr };
}

it("a reader that has seen enough is no error", () => {
  const { status, out, err } = inShell('"$NODE" "$MAIN" hba format | head -1', MANY_RULES);
  expect([status, out, err]).toEqual([0, "host all all 10.0.0.0/8 scram-sha-256\n", ""]);
});

describe.skipIf(!existsSync("/dev/full"))("what cannot be written", () => {
  it("is said in a sentence, and is neither a yes nor a no", () => {
    const { status, err } = inShell('"$NODE" "$MAIN" hash --iterations 4096 > /dev/full', "pw");
    expect([status, err]).toEqual([2, "pulumi-scram: cannot write to standard output [ENOSPC]\n"]);
  });

  it("is not said where that cannot be written either", () => {
    expect(inShell('"$NODE" "$MAIN" verify hunter2 2> /dev/full').status).toBe(2);
  });
});

/** A terminal of its own, which Python has to give away; each question is answered once. */
const TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 0, int(os.environ["COLUMNS_OF_TERMINAL"]), 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
screen, answered = b"", 0
while True:
    try:
        chunk = os.read(fd, 4096)
    except OSError:
        break
    screen += chunk
    while answered < screen.count(b": "):
        os.write(fd, b"hunter2\\r")
        answered += 1
    if not chunk:
        break
sys.stdout.buffer.write(screen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const hasPython = spawnSync("python3", ["-c", "import pty, os; os.waitstatus_to_exitcode"]).status === 0;

describe.skipIf(!hasPython)("on a terminal (that python3 has)", () => {
  function onTerminal(args: readonly string[], columns = 80) {
    const command = ["-c", TERMINAL, process.execPath, MAIN, ...args];
    const env = { ...process.env, COLUMNS_OF_TERMINAL: String(columns) };
    const { status, stdout } = spawnSync("python3", command, { encoding: "utf8", timeout: 30_000, env });
    return { status, screen: stripVTControlCharacters(stdout).replaceAll("\r", "") };
  }

  it("hash asks twice, and what is typed is not seen", () => {
    const { status, screen } = onTerminal(["hash", "--iterations", "4096"]);
    const [verifier = ""] = /SCRAM-SHA-256\$4096:\S+/.exec(screen) ?? [];
    expect([status, screen]).toEqual([0, `Password: \nAgain: \n${verifier}\n`]);
    expect(run(["verify", verifier], "hunter2").status).toBe(0);
  });

  it("verify asks once", () => {
    const { status, screen } = onTerminal(["verify", SEED]);
    expect([status, screen]).toEqual([1, "Password: \nthe password does not match the verifier\n"]);
  });

  it.each([
    [0, 80],
    [40, 40],
    [3, 40],
  ])("that is %d wide, lines are at most %d wide, and not much less", (columns, used) => {
    const { screen } = onTerminal(["inspect", SEED], columns);
    const widths = screen.split("\n").map(({ length }) => length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(used);
    expect(Math.max(...widths)).toBeGreaterThan(used - 15);
  });
});
