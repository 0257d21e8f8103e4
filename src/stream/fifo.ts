/** Taken this many items off its front, a queue gives their room back. */
const ROOM_WORTH_GIVING_BACK = 1024;

/** First in, first out, in constant time: an array's `shift` moves all that stays behind. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Undefined where it is empty. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head >= ROOM_WORTH_GIVING_BACK && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
