import { isNoSlot } from "./errors";

/**
 * How many connections we may have at one time: at most so many, and fewer once the server has refused one while it let us have
 * others. Whoever gets none waits for one of those.
 */
export class Slots {
  #most: number;
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws the failure to connect; that there is no slot, only where none is ours */
  async take<T>(connect: () => Promise<T>): Promise<T> {
    for (;;) {
      while (this.#taken >= this.#most) await new Promise<void>((proceed) => this.#waiting.push(proceed));
      this.#taken++;
      try {
        return await connect();
      } catch (error) {
        this.release();
        if (!isNoSlot(error) || this.#taken === 0) throw error;
        this.#most = this.#taken;
      }
    }
  }

  release(): void {
    this.#taken--;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const proceed of waiting) proceed();
  }
}
