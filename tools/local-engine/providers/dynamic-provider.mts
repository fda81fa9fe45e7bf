import type { Sdk } from "../sdk.mts";
import { containsUnknowns, type PropertyMap, stripMap } from "../value.mts";
import { annotate } from "./annotate.mts";
import type { DynamicProcess } from "./dynamic-process.mts";
import { InitFailed, type Provider, type ProviderDiff } from "./provider.mts";
import { call, fromStruct, toStruct } from "./provider-call.mts";

/**
 * A provider instance of `pulumi-nodejs`: its process plus its configuration. The process answers that it does not
 * accept secrets, so every value goes out stripped and comes back annotated by the names of its keys.
 */
export function dynamicProvider(sdk: Sdk, process: DynamicProcess, config: PropertyMap): Provider {
  const messages = sdk.provider;
  const struct = (map: PropertyMap) => toStruct(sdk, stripMap(map));
  const ready = process.client.then(async (client) => {
    const request = new messages.ConfigureRequest();
    request.setArgs(toStruct(sdk, config));
    request.setAcceptsecrets(true);
    await call(sdk, (done) => client.configure(request, done));
    return client;
  });
  ready.catch(() => {});
  // With a configuration that is not known yet, as in the preview of a new provider, nothing can be asked.
  const configured = !containsUnknowns(config);

  return {
    supportsPreview: false,
    close: () => process.close(),

    async check(urn, olds, news) {
      if (!configured) return { inputs: news, failures: [] };
      const request = new messages.CheckRequest();
      request.setUrn(urn);
      request.setOlds(struct(olds));
      request.setNews(struct(news));
      const client = await ready;
      const response = await call<InstanceType<typeof messages.CheckResponse>>(sdk, (done) =>
        client.check(request, done),
      );
      return {
        inputs: annotate(fromStruct(response.getInputs()), news),
        failures: response.getFailuresList().map((failure) => failure.toObject()),
      };
    },

    async diff(recorded, news): Promise<ProviderDiff> {
      if (!configured) return { changes: "unknown", replaces: [], deleteBeforeReplace: false };
      const request = new messages.DiffRequest();
      request.setUrn(recorded.urn);
      request.setId(recorded.id);
      request.setOlds(struct(recorded.outputs));
      request.setOldInputs(struct(recorded.inputs));
      request.setNews(struct(news));
      const client = await ready;
      const response = await call<InstanceType<typeof messages.DiffResponse>>(sdk, (done) =>
        client.diff(request, done),
      );
      const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
      const changes = response.getChanges();
      return {
        changes: changes === DIFF_SOME ? "some" : changes === DIFF_NONE ? "none" : "unknown",
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
      };
    },

    async create(urn, inputs) {
      const request = new messages.CreateRequest();
      request.setUrn(urn);
      request.setProperties(struct(inputs));
      const client = await ready;
      const response = await annotated(inputs, () =>
        call<InstanceType<typeof messages.CreateResponse>>(sdk, (done) => client.create(request, done)),
      );
      if (response.getId() === "")
        throw new Error("provider returned an unexpected empty resource ID from create");
      return { id: response.getId(), outputs: annotate(fromStruct(response.getProperties()), inputs) };
    },

    async update(recorded, inputs) {
      const request = new messages.UpdateRequest();
      request.setUrn(recorded.urn);
      request.setId(recorded.id);
      request.setOlds(struct(recorded.outputs));
      request.setOldInputs(struct(recorded.inputs));
      request.setNews(struct(inputs));
      const client = await ready;
      const response = await annotated(inputs, () =>
        call<InstanceType<typeof messages.UpdateResponse>>(sdk, (done) => client.update(request, done)),
      );
      return { outputs: annotate(fromStruct(response.getProperties()), inputs) };
    },

    async read(recorded) {
      const request = new messages.ReadRequest();
      request.setUrn(recorded.urn);
      request.setId(recorded.id);
      request.setProperties(struct(recorded.outputs));
      request.setInputs(struct(recorded.inputs));
      const client = await ready;
      const response = await annotated(recorded.outputs, () =>
        call<InstanceType<typeof messages.ReadResponse>>(sdk, (done) => client.read(request, done)),
      );
      if (response.getId() === "") return undefined;
      const outputs = annotate(fromStruct(response.getProperties()), recorded.outputs);
      return {
        id: response.getId(),
        outputs,
        ...(response.hasInputs() && { inputs: annotate(fromStruct(response.getInputs()), recorded.inputs) }),
      };
    },

    async delete(recorded) {
      const request = new messages.DeleteRequest();
      request.setUrn(recorded.urn);
      request.setId(recorded.id);
      request.setProperties(struct(recorded.outputs));
      request.setOldInputs(struct(recorded.inputs));
      const client = await ready;
      await call(sdk, (done) => client.delete(request, done));
    },
  };
}

/** The properties of a partial failure are annotated like those of a success. */
async function annotated<T>(known: PropertyMap, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InitFailed)) throw error;
    throw new InitFailed(error.id, annotate(error.outputs, known), error.reasons);
  }
}
