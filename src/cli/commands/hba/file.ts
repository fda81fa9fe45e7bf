import { ScramError } from "../../../scram/error";

/** Work on a file, whose failure is a sentence. @throws ScramError `file` */
export function attempt<T>(verb: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ScramError("file", `cannot ${verb} ${file} [${code}]`);
  }
}
