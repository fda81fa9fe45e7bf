import { UserError } from "../../../errors";

/** Work on a file, whose failure is a sentence. @throws UserError `file` */
export function attempt<T>(verb: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError("file", `cannot ${verb} ${file} [${code}]`);
  }
}
