import { contains, formatIp, formatNetwork, type IpNetwork, parseIp } from "../ip";
import type { AddressSpec } from "../model";
import { type ColumnMatch, no, unknown, YES } from "./column-match";
import type { HbaMatchContext, Visitor } from "./login";

export function judgeAddress(
  address: AddressSpec | undefined,
  { ip }: Visitor,
  context: HbaMatchContext,
): ColumnMatch {
  if (address === undefined || ip === undefined || address.kind === "all") return YES;
  const client = formatIp(ip);
  switch (address.kind) {
    case "network":
      return contains(address.network, ip)
        ? YES
        : no(`${client} is not in ${formatNetwork(address.network)}`);
    case "host":
      return judgeHostName(address.token.value, client, context.hostName);
    default:
      return judgeInterfaces(address.kind, ip, context.interfaces);
  }
}

function judgeHostName(pattern: string, client: string, hostName: string | undefined): ColumnMatch {
  if (pattern === "") return no("an empty host name matches nothing");
  if (hostName === undefined) return unknown(`the host name of ${client} is not looked up`);
  const [wanted, name] = [pattern.toLowerCase(), hostName.toLowerCase()];
  const matches = wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
  return matches ? YES : no(`the client's host name \`${hostName}\` is not \`${pattern}\``);
}

function judgeInterfaces(
  kind: "samehost" | "samenet",
  ip: NonNullable<Visitor["ip"]>,
  interfaces: HbaMatchContext["interfaces"],
): ColumnMatch {
  const client = formatIp(ip);
  // Every machine has these two on its loopback interface.
  if (client === "127.0.0.1" || client === "::1") return YES;
  if (interfaces === undefined) return unknown("the server's network interfaces are not known");
  const matches = interfaces.some(({ address, netmask }) => {
    const network = interfaceNetwork(address, kind === "samenet" ? netmask : undefined);
    return network !== undefined && contains(network, ip);
  });
  return matches
    ? YES
    : no(`${client} is not the server's own ${kind === "samehost" ? "address" : "network"}`);
}

function interfaceNetwork(address: string, netmask: string | undefined): IpNetwork | undefined {
  const ip = parseIp(address.replace(/%.*$/, ""));
  const mask = netmask === undefined ? undefined : parseIp(netmask);
  if (ip === undefined) return undefined;
  return {
    family: ip.family,
    base: ip.bits,
    mask: mask?.bits ?? (ip.family === 4 ? 0xffffffffn : (1n << 128n) - 1n),
  };
}
