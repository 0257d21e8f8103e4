import type { ProcessContext } from '../run/prepare.ts';

/** What the program needs of the process beside its arguments. */
export interface ProgramSettings extends ProcessContext {
  /** Null if it was deleted. */
  readonly currentFolder: string | null;
}
