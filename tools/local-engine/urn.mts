export const STACK_TYPE = "pulumi:pulumi:Stack";
export const PROVIDER_PREFIX = "pulumi:providers:";

/** `urn:pulumi:<stack>::<project>::<types of the parents, joined by $>$<type>::<name>` */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentTypes = parent === "" ? STACK_TYPE : qualifiedType(parent);
  const types = parentTypes === STACK_TYPE ? type : `${parentTypes}$${type}`;
  return `urn:pulumi:${stack}::${project}::${types}::${name}`;
}

export const qualifiedType = (urn: string): string => urn.split("::")[2] ?? "";
/** A name may itself contain `::`, so everything behind the types belongs to it. */
export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
export const packageOf = (type: string): string => type.split(":")[0] ?? "";

/** `random:index/randomPassword:RandomPassword` is shown as `random:index:RandomPassword`. */
export function shownType(type: string): string {
  const [pkg = "", module = "", name = ""] = type.split(":");
  const file = `/${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return module.endsWith(file) ? `${pkg}:${module.slice(0, -file.length)}:${name}` : type;
}

export const providerUrn = (reference: string): string => reference.slice(0, reference.lastIndexOf("::"));
export const isDefaultProvider = (urn: string): boolean =>
  qualifiedType(urn).startsWith(PROVIDER_PREFIX) && nameOf(urn).startsWith("default");
