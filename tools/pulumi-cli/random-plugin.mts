/**
 * What `pulumi-resource-random` is to the Pulumi CLI, for the two resources that our programs use: drawn once, replaced when
 * an argument changes. The original is published neither as a Go module nor on npm.
 */
import { isDeepStrictEqual } from "node:util";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { answers, servePlugin } from "../pulumi-sdk/grpc.mts";
import { secret, UNKNOWN } from "../pulumi-sdk/property-values.mts";
import { drawn, settled } from "../random/draw.mts";

type Struct = InstanceType<typeof struct.Struct>;
const read = (sent: Struct | undefined) => (sent?.toJavaScript() ?? {}) as Record<string, never>;
const sent = (properties: object) => struct.Struct.fromJavaScript(properties as never);

function create(request: InstanceType<typeof provider.CreateRequest>) {
  const [type, args] = [request.getType(), read(request.getProperties())];
  const values = Object.entries(drawn(type, args)).map(([name, value]) => [
    name,
    secret(request.getPreview() ? UNKNOWN : value),
  ]);
  return new provider.CreateResponse()
    .setId("none")
    .setProperties(sent({ ...settled(type, args), ...Object.fromEntries(values) }));
}

function diff(request: InstanceType<typeof provider.DiffRequest>) {
  const [olds, news] = [read(request.getOldInputs()), read(request.getNews())];
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (name) => !isDeepStrictEqual(olds[name], news[name]),
  );
  const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
  return new provider.DiffResponse()
    .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(changed)
    .setReplacesList(changed);
}

await servePlugin(service.ResourceProviderService, {
  getPluginInfo: answers(() => new plugin.PluginInfo().setVersion("4.21.2")),
  checkConfig: answers((request: InstanceType<typeof provider.CheckRequest>) =>
    new provider.CheckResponse().setInputs(request.getNews()),
  ),
  diffConfig: answers(() => new provider.DiffResponse()),
  configure: answers(() => new provider.ConfigureResponse().setSupportspreview(true)),
  check: answers((request: InstanceType<typeof provider.CheckRequest>) =>
    new provider.CheckResponse().setInputs(request.getNews()),
  ),
  diff: answers(diff),
  create: answers(create),
  read: answers((request: InstanceType<typeof provider.ReadRequest>) =>
    new provider.ReadResponse()
      .setId(request.getId())
      .setProperties(request.getProperties())
      .setInputs(request.getInputs()),
  ),
  delete: answers(() => new empty.Empty()),
  cancel: answers(() => new empty.Empty()),
});
