/**
 * What the dynamic-provider process runs, found from the program's folder. It is recorded with every resource: constant, or each
 * release would be a change.
 */
export function providerCode(
  handler: "user" | "userSet" | "hba" | "settings" | "rotation" | "isolation",
): string {
  const advice =
    "Pulumi's provider process does not find the package pulumi-scram from the program's folder: make it a dependency in the package.json there, and install it";
  return `exports.handler=()=>{try{return require("pulumi-scram/provider").${handler}}catch(error){throw/'pulumi-scram\\//.test(error.message)?new Error(${JSON.stringify(advice)}):error}};`;
}
