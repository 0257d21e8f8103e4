import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SOURCE = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const TYPESCRIPT = new URL('../../tools/typescript.mjs', import.meta.url).href;

/** A line of the program's log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface ProgramSettings {
  /** Variables beside PATH and HOME; no key is passed on from outside. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly currentFolder?: string;
  /** A command with arguments that starts the program in its own place, such as `setpriv` or `env`. */
  readonly through?: readonly string[];
  /**
   * A module that is loaded before the program, in its process. The program is then run from source: in the built one
   * libraries are out of its reach.
   */
  readonly preload?: URL;
}

/** The program, running: the built one, unless the settings say otherwise. */
export class Program {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(
    args: readonly string[],
    { environment = {}, currentFolder, through = [], preload }: ProgramSettings = {},
  ) {
    const { PATH = '', HOME = '' } = process.env;
    const [command, ...before] = [...through, process.execPath];
    const main = preload === undefined ? [MAIN] : ['--import', TYPESCRIPT, '--import', preload.href, SOURCE];
    this.child = spawn(command, [...before, ...main, ...args], {
      env: { PATH, HOME, ...environment },
      ...(currentFolder === undefined ? {} : { cwd: currentFolder }),
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = once(this.child, 'close').then(([code]: (number | null)[]) => code ?? null);
  }

  /** What it logged so far, in order. Lines that are no JSON are left out. */
  get log(): readonly LogLine[] {
    return this.stderr
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
  }

  /** The object that `--json` prints. */
  get summary(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.stdout) as Readonly<Record<string, unknown>>;
  }

  /** Resolves with the first logged line of this event that `fits`; rejects when the program ends without one. */
  async logged(event: string, fits: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    const find = () => this.log.find((line) => line['event'] === event && fits(line));
    for (;;) {
      const line = find();
      if (line !== undefined) return line;
      const ended = this.exited.then(() => 'ended' as const);
      const heard = this.child.stderr === null ? ended : once(this.child.stderr, 'data');
      if ((await Promise.race([heard, ended])) === 'ended' && find() === undefined)
        throw new Error(`the program ended without telling of ${event}:\n${this.stderr}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Runs the program to its end. */
export async function run(
  args: readonly string[],
  settings?: ProgramSettings,
): Promise<Program & { code: number | null }> {
  const program = new Program(args, settings);
  const code = await program.exited;
  return Object.assign(program, { code });
}
