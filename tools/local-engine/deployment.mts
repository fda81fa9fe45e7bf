import { join } from "node:path";
import { type Child, runNode } from "../pulumi-sdk/child-process.mts";
import { fromStruct, type PropertyMap, secret, UNKNOWN } from "../pulumi-sdk/property-values.mts";
import { type Provider, startProvider } from "../pulumi-sdk/provider.mts";
import { ALREADY_SHOWN, programCommand } from "../pulumi-sdk/run-program.mts";
import { UserError } from "../user-error.mts";
import { type Change, changesBetween } from "./changes.mts";
import { details, nameOf, type Operation, row } from "./display.mts";
import { type Engine, type Monitor, type Registration, startMonitor } from "./monitor.mts";
import type { ResourceState, Stack } from "./stack.mts";

const STACK = "pulumi:pulumi:Stack";
const PROVIDER = "pulumi:providers:";

/** The plugins that it knows, by their package. */
const PLUGINS: Readonly<Record<string, string>> = {
  "pulumi-nodejs": "../../node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js",
  random: "../pulumi-cli/random-plugin.mts",
};

/** One resource, what is to be done with it, and by whom. */
interface Step {
  readonly op: Operation;
  readonly old?: ResourceState;
  readonly fresh: ResourceState;
  readonly changes: ReadonlyMap<string, Change>;
  readonly provider?: Provider;
  readonly secretOutputs: readonly string[];
}

const NONE: ReadonlyMap<string, Change> = new Map();

/** A preview, an update or a destroy of a stack. */
export class Deployment implements Engine {
  readonly counts: Record<Operation, number> = { same: 0, create: 0, update: 0, delete: 0 };
  readonly #stack: Stack;
  readonly #shown: { readonly preview: boolean; readonly details: boolean };
  readonly #providers = new Map<string, Provider>();
  readonly #declared: ResourceState[] = [];
  readonly #failed = Promise.withResolvers<never>();
  #monitor: Monitor | undefined;
  #program: Child | undefined;
  #planning: Promise<unknown> = Promise.resolve();

  /** @param shown `details`: the properties, as of `--diff` */
  constructor(stack: Stack, shown: { preview: boolean; details: boolean }) {
    this.#stack = stack;
    this.#shown = shown;
  }

  /** Runs the program and does what it registers; the first failure ends it. */
  async deploy(): Promise<void> {
    const { project, name, config } = this.#stack;
    const { address } = await this.#listen();
    const { script, args, env } = programCommand({
      monitor: address,
      engine: address,
      organization: "organization",
      project: project.name,
      root: project.root,
      stack: name,
      directory: project.directory,
      preview: this.#shown.preview,
      parallel: 8,
      entry: project.entry,
      config: Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value])),
      secretKeys: Object.keys(config).filter((key) => config[key]?.secret),
    });
    this.#program = runNode(script, args, {
      cwd: project.directory,
      env,
      onLine: (line) => console.log(line),
    });
    const end = await Promise.race([this.#program.ended, this.#failed.promise]);
    if (end !== 0)
      throw new UserError(end === ALREADY_SHOWN ? "the program failed" : `the program ended with ${end}`);
    const left = this.#stack.resources.find(({ urn }) => !this.#declared.some((state) => state.urn === urn));
    if (left !== undefined)
      throw new UserError(
        `${nameOf(left.urn)} is no longer declared, and the stand-in deletes only in \`destroy\``,
      );
  }

  /** The last recorded first. */
  async destroy(): Promise<void> {
    await this.#listen();
    for (const state of this.#stack.resources.toReversed()) {
      const started = Date.now();
      if (state.provider !== "") await this.#provider(state.provider).delete(state);
      this.#stack.resources = this.#stack.resources.filter((other) => other !== state);
      this.#stack.save();
      this.#show("delete", state, NONE, started);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#program?.kill(), ...[...this.#providers.values()].map((each) => each.close())]);
    this.#monitor?.close();
  }

  async #listen(): Promise<Monitor> {
    this.#monitor = await startMonitor(this);
    return this.#monitor;
  }

  /** Check and diff go one after the other, as in Pulumi; the operations run side by side. */
  async register(request: Registration): Promise<ResourceState> {
    try {
      const planned = this.#planning.then(() => this.#plan(request));
      this.#planning = planned.catch(() => {});
      return await this.#carryOut(await planned);
    } catch (error) {
      this.#failed.reject(new UserError(`${request.getName()}: ${(error as Error).message}`));
      // The program must not go on with it, nor tell the error a second time.
      return new Promise(() => {});
    }
  }

  registerOutputs(urn: string, outputs: PropertyMap): void {
    if (urn.includes(`::${STACK}::`)) {
      this.#stack.outputs = outputs;
      if (!this.#shown.preview) this.#stack.save();
    }
  }

  log(urn: string, severity: string, message: string): void {
    console.log(`    ${nameOf(urn)} ${severity}: ${message.trimEnd()}`);
  }

  async #plan(request: Registration): Promise<Step> {
    refuseUnknownOptions(request);
    const { name, project, resources } = this.#stack;
    const type = request.getType();
    const urn = `urn:pulumi:${name}::${project.name}::${type}::${request.getName()}`;
    const old = resources.find((state) => state.urn === urn);
    const news = fromStruct(request.getObject());
    const fresh = (inputs: PropertyMap, provider = ""): ResourceState => ({
      urn,
      type,
      id: old?.id ?? "",
      inputs,
      outputs: old?.outputs ?? {},
      provider,
    });
    const secretOutputs = request.getAdditionalsecretoutputsList();
    if (!request.getCustom())
      return { op: old ? "same" : "create", fresh: fresh(news), changes: NONE, secretOutputs };
    if (type.startsWith(PROVIDER)) {
      const state = { ...fresh(news), id: old?.id ?? crypto.randomUUID(), outputs: news };
      // Recorded at once: the next resource may be one of its own.
      this.#startProvider(urn, type.slice(PROVIDER.length), news);
      return { ...decide(old, state), secretOutputs };
    }
    const reference = request.getProvider().split("::").slice(0, -1).join("::") || (type.split(":")[0] ?? "");
    const provider = this.#provider(reference);
    const { inputs, failures } = await provider.check(urn, old?.inputs ?? {}, news);
    if (failures.length > 0) throw new UserError(failures.map(({ reason }) => reason).join("; "));
    const step = decide(old, fresh(inputs, reference));
    if (step.op === "update" && old !== undefined && (await provider.diff(old, inputs)).length > 0)
      throw new UserError("it would have to be replaced, which the stand-in cannot do");
    return { ...step, provider, secretOutputs };
  }

  async #carryOut({ op, old, fresh, changes, provider, secretOutputs }: Step): Promise<ResourceState> {
    const started = Date.now();
    const { preview } = this.#shown;
    const result = await this.#call(op, old, fresh, provider);
    const outputs = Object.fromEntries(
      Object.entries(result.outputs ?? fresh.outputs).map(([key, value]) => [
        key,
        secretOutputs.includes(key) ? secret(value) : value,
      ]),
    );
    const state = { ...fresh, ...result, outputs };
    this.#declared.push(state);
    if (!preview) {
      const rest = this.#stack.resources.filter(({ urn }) => urn !== state.urn);
      // Each after what it depends on: those were declared before it.
      const declared = new Set(this.#declared.map(({ urn }) => urn));
      this.#stack.resources = [...this.#declared, ...rest.filter(({ urn }) => !declared.has(urn))];
      this.#stack.save();
    }
    this.#show(op, state, changes, started);
    return state;
  }

  /** In a preview, the inputs are all that is known of the outputs, unless it is the random provider that is asked. */
  async #call(
    op: Operation,
    old: ResourceState | undefined,
    fresh: ResourceState,
    provider: Provider | undefined,
  ): Promise<Partial<ResourceState>> {
    if (provider === undefined || op === "same") return {};
    const { preview } = this.#shown;
    if (op === "create" && (!preview || fresh.provider === "random"))
      return {
        ...(await provider.create(fresh.urn, fresh.inputs, preview)),
        ...(preview && { id: UNKNOWN }),
      };
    if (op === "update" && old !== undefined && !preview) return provider.update(old, fresh.inputs);
    return { outputs: fresh.inputs };
  }

  #show(op: Operation, state: ResourceState, changes: ReadonlyMap<string, Change>, started: number): void {
    this.counts[op]++;
    if (op === "same") return;
    const { preview, details: all } = this.#shown;
    const seconds = preview ? undefined : (Date.now() - started) / 1000;
    console.log(all ? details(op, state, changes) : row(op, state, changes, seconds));
  }

  /** @param reference the URN of a provider instance, or the package of a default one */
  #provider(reference: string): Provider {
    const known = this.#providers.get(reference);
    if (known !== undefined) return known;
    const recorded = this.#stack.resources.find(({ urn }) => urn === reference);
    const [, , type = "", name = ""] = reference.split("::");
    return name === ""
      ? this.#startProvider(reference, reference, this.#defaultConfig(reference))
      : this.#startProvider(reference, type.slice(PROVIDER.length), recorded?.inputs ?? {});
  }

  /** The default provider of programs in Node gets the whole configuration. */
  #defaultConfig(plugin: string): PropertyMap {
    if (plugin !== "pulumi-nodejs") return {};
    return Object.fromEntries(
      Object.entries(this.#stack.config).map(([key, { value, secret: hidden }]) => [
        key,
        hidden ? secret(value) : value,
      ]),
    );
  }

  #startProvider(reference: string, plugin: string, config: PropertyMap): Provider {
    const script = PLUGINS[plugin];
    if (script === undefined)
      throw new UserError(
        `the stand-in has no provider ${plugin}, only ${Object.keys(PLUGINS).join(" and ")}`,
      );
    const { project, name } = this.#stack;
    const provider = startProvider({
      script: join(import.meta.dirname, script),
      args: [this.#monitor?.address ?? ""],
      cwd: project.directory,
      env: {
        PULUMI_NODEJS_PROJECT: project.name,
        PULUMI_NODEJS_STACK: name,
        PULUMI_CONFIG: "{}",
      },
      config,
      onLine: (line) => console.log(`    ${line}`),
    });
    this.#providers.set(reference, provider);
    return provider;
  }
}

function decide(
  old: ResourceState | undefined,
  fresh: ResourceState,
): Pick<Step, "op" | "old" | "fresh" | "changes"> {
  if (old === undefined) return { op: "create", fresh, changes: NONE };
  const changes = changesBetween(old.inputs, fresh.inputs);
  return { op: changes.size === 0 ? "same" : "update", old, fresh, changes };
}

/** What it would have to do, and does not, is said. */
function refuseUnknownOptions(request: Registration): void {
  const asked = {
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: request.getAliasurnsList(),
    protect: request.getProtect() ? [true] : [],
    retainOnDelete: request.getRetainondelete() ? [true] : [],
    component: request.getCustom() || request.getType() === STACK ? [] : [true],
  };
  const [option] = Object.entries(asked).find(([, given]) => given.length > 0) ?? [];
  if (option !== undefined) throw new UserError(`the stand-in does not know ${option}; the Pulumi CLI does`);
}
