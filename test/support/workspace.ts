import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A workspace of its own in the system's folder for temporary files. */
export class Workspace {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), 'sluice-test-')));
    await mkdir(workspace.inbox(), { recursive: true });
    return workspace;
  }

  inbox(...path: string[]): string {
    return join(this.root, 'inbox', ...path);
  }

  outbox(...path: string[]): string {
    return join(this.root, 'outbox', ...path);
  }

  failed(...path: string[]): string {
    return join(this.root, 'failed', ...path);
  }

  /** Puts a document into the inbox that has stood still for an hour. */
  async drop(name: string, content: string | Buffer = `This is ${name}. It says something.`): Promise<string> {
    const path = this.inbox(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await utimes(path, anHourAgo, anHourAgo);
    return path;
  }

  result(id: string): Promise<string> {
    return readFile(this.outbox(`${id}.md`), 'utf8');
  }

  hasResult(id: string): boolean {
    return existsSync(this.outbox(`${id}.md`));
  }

  async report(id: string): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await readFile(this.failed(`${id}.error.json`), 'utf8')) as Readonly<Record<string, unknown>>;
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
