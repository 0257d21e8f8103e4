import type { Program } from '../support/program.ts';

/** What a run came to. */
export interface Ended {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It did not end by itself, and was killed for that. */
  readonly hung: boolean;
}

const PATIENCE_MS = 60_000;

/** Waits for a program to end; one that hangs for a minute is killed. */
export async function endOf(program: Program): Promise<Ended> {
  let hung = false;
  const patience = setTimeout(() => {
    hung = true;
    program.kill('SIGKILL');
  }, PATIENCE_MS);
  const code = await program.exited;
  clearTimeout(patience);
  return { code, stdout: program.stdout, stderr: program.stderr, hung };
}
