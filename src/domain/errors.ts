/** Mistakes in flags, environment, configuration or folders: shown to the person as they are, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** One or more, each a text of its own. */
  readonly mistakes: readonly string[];

  constructor(mistakes: string | readonly string[], options?: ErrorOptions) {
    const all = [mistakes].flat();
    super(all.join('\n'), options);
    this.mistakes = all;
  }
}

/** What several checks find wrong, so that a person is told all of it at once. */
export class Mistakes {
  readonly #found: Set<string>;

  constructor(found: readonly string[] = []) {
    this.#found = new Set(found);
  }

  get all(): readonly string[] {
    return [...this.#found];
  }

  add(mistake: string): void {
    this.#found.add(mistake);
  }

  /** What `work` gives; undefined if it throws a UsageError, which is kept for later. */
  check<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      for (const mistake of error.mistakes) this.add(mistake);
      return undefined;
    }
  }

  throwIfAny(): void {
    if (this.#found.size > 0) throw new UsageError(this.all);
  }
}

/** Another process works on the workspace: exit code 8. */
export class WorkspaceTakenError extends Error {
  override readonly name = 'WorkspaceTakenError';
}

/** The disk as a whole, or the ledger, refused: nothing is paid for until it works again. Exit code 6 with `--once`. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** One path is barred, and the disk works: what belongs there fails, and nothing else waits for it. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/** No prompt can be made of this document with its recipe; others do not wait for it. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** The run ended, or was cut off, while something waited: nothing went wrong with that. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';

  constructor() {
    super('the run has ended');
  }
}
