import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** What the commands of npm need, which build where the build is older than its sources. */
const CLONE = ['dist', 'examples', 'src', 'tools', 'watch', 'package.json', 'package-lock.json'].concat([
  'README.md',
  'tsconfig.json',
  'tsconfig.build.json',
]);

/** What runs may have left in the repository. */
const LEFT_BY_RUNS = /\.sluice|-test$|^examples\/quickstart\/(?:outbox|failed)$|^watch\/\w+\/(?!\.gitkeep|default\.md)/;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a reader of the documentation sits: a folder, and a shell in it that finds `sluice`. */
export class Desk {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(folder: string, environment: Readonly<Record<string, string>> = {}) {
    this.#folder = folder;
    const { PATH = '', HOME = '' } = process.env;
    mkdirSync(join(folder, 'bin'), { recursive: true });
    // As `npm install --global .` does.
    if (!this.has('bin/sluice')) symlinkSync(join(REPOSITORY, 'dist/main.js'), join(folder, 'bin/sluice'));
    this.#environment = { PATH: `${join(folder, 'bin')}${delimiter}${PATH}`, HOME, ...environment };
  }

  /** Makes it a clone of the repository. Packages are not copied but linked: nothing is installed, and it is quick. */
  clone(): this {
    const filter = (source: string): boolean => !LEFT_BY_RUNS.test(source.slice(REPOSITORY.length));
    for (const name of CLONE) cpSync(join(REPOSITORY, name), join(this.#folder, name), { recursive: true, filter });
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.#folder, 'node_modules'));
    return this;
  }

  /** Runs a command of a shell; `meanwhile`, where given, is waited for, and then Ctrl-C is pressed. */
  async run(command: string, meanwhile?: () => Promise<void>): Promise<Ended> {
    const child = spawn('bash', ['-c', command], { cwd: this.#folder, env: this.#environment, detached: true });
    const { pid } = child;
    if (pid === undefined) throw new Error('there is no bash');
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const closed = once(child, 'close');
    try {
      await meanwhile?.();
    } finally {
      if (meanwhile !== undefined) process.kill(-pid, 'SIGINT');
    }
    const [code] = (await closed) as [number | null];
    return { code, ...said };
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
    writeFileSync(join(this.#folder, path), content);
  }

  remove(path: string): void {
    rmSync(join(this.#folder, path), { recursive: true });
  }

  has(path: string): boolean {
    return existsSync(join(this.#folder, path));
  }

  read(path: string): string {
    return readFileSync(join(this.#folder, path), 'utf8');
  }

  writtenMs(path: string): number {
    return statSync(join(this.#folder, path)).mtimeMs;
  }
}
