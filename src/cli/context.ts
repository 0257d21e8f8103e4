import type { Surroundings } from '../run/prepare.ts';

/** What the program needs of the process beside its arguments. */
export interface ProgramSettings extends Surroundings {
  readonly currentFolder: string;
}
