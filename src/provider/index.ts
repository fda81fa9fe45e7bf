import { hbaProvider } from "./hba/hba";
import { settingsProvider } from "./settings/settings";
import { userProvider } from "./user/user";
import { userSetProvider } from "./user-set/user-set";

/**
 * The binding: the one line of code that each resource records in the state requires this module and takes its provider
 * from it. Not for programs. The names are part of every state file and never change.
 */
export const user = userProvider();
export const userSet = userSetProvider();
export const hba = hbaProvider();
export const settings = settingsProvider();
