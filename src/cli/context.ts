import type { ProcessContext } from '../run/prepare.ts';

/** What the program needs of the process beside its arguments. */
export interface ProgramSettings extends ProcessContext {
  readonly currentFolder: string;
}
