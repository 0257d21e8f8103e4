import type { Observable } from 'rxjs';
import type { Clock } from '../lib/clock.ts';
import type { Signal } from './signals.ts';

/** What a run needs of the process that it lives in. */
export interface Surroundings {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WriteStream & { readonly fd: number };
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: Observable<Signal>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  /** The keys that were used; they are kept out of whatever is written. */
  readonly secrets: Set<string>;
  readonly version: string;
  /** What the program was started with. */
  readonly commandLine: readonly string[];
  readonly clock: Clock;
}
