import pg from "pg";
import { reportUnsupportedAuthentication } from "./unsupported-authentication";

/** The driver's client, all of whose failures can be caught. */
export class Client extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    reportUnsupportedAuthentication(this.connection);
  }
}
