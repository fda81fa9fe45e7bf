import { settingsProvider } from "./auth-settings/auth-settings";
import { hbaProvider } from "./hba/hba";
import { isolationProvider } from "./isolation/isolation";
import { rotationProvider } from "./rotation";
import { Deployment } from "./user/ownership/deployment";
import { userProvider } from "./user/user";
import { userSetProvider } from "./user-set/user-set";

const seen = new Deployment();

/**
 * The binding: the one line of code that each resource records in the state requires this module and takes its provider
 * from it. Not for programs. The names are part of every state file and never change.
 */
export const user = userProvider(seen);
export const userSet = userSetProvider(seen);
export const hba = hbaProvider();
export const settings = settingsProvider();
export const isolation = isolationProvider();
export const rotation = rotationProvider();
