import type { FolderOutbox } from '../outbox/outbox.ts';

/** Where the answers of a run go, if not into an outbox. */
export interface Sink {
  /**
   * Takes an answer, and resolves when it is safe. Where the run remembers its answers, each comes again with the next run,
   * at no cost. A rejection with `DiskError` is tried again for a while, and then ends the run.
   */
  file(answer: SinkAnswer): Promise<void>;
}

export interface SinkAnswer {
  /** The document's. */
  readonly id: string;
  readonly text: string;
  /** What the name of its file would end in: `.md`, `.json`, or what the recipe says. */
  readonly ending: string;
}

const nothing = (): Promise<void> => Promise.resolve();

/** A sink as the outbox of a run: it keeps no receipts, attachments or failure reports, and nothing is found in it. */
export function outboxOf(sink: Sink): FolderOutbox {
  return {
    reservePath: () => ({ conflict: null, found: null }),
    releasePath: () => undefined,
    resultOf: () => null,
    holds: () => false,
    failedVersion: () => null,
    fileResult: async (id, { ending }, text) => {
      await sink.file({ id, text, ending });
      return id;
    },
    fileReceipt: nothing,
    fileAttachments: nothing,
    fileFailure: () => Promise.resolve(null),
    withdrawFailure: nothing,
    sweep: () => Promise.resolve(0),
    abandon: () => undefined,
  };
}
