import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Workspace } from '../support/workspace.ts';
import { startRecordingServer } from '../wire/recording-server.ts';
import { type EndedProgram, onceOver, type Stage } from './stage.ts';

/** A run, and what it sent. */
export interface Sent {
  readonly program: EndedProgram;
  readonly workspace: Workspace;
  /** The parsed bodies of all calls, in order of arrival. */
  readonly bodies: readonly unknown[];
}

export interface Sending {
  /** By their ids. */
  readonly documents: Readonly<Record<string, string | Buffer>>;
  /** By their paths below the workspace. */
  readonly recipes?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

/** Runs the program to its end over these documents, before a simulator that is listened in on. */
export async function send(stage: Stage, { documents, recipes = {}, flags = [] }: Sending): Promise<Sent> {
  const workspace = await stage.workspace();
  for (const [path, text] of Object.entries(recipes)) {
    await mkdir(dirname(join(workspace.root, path)), { recursive: true });
    await writeFile(join(workspace.root, path), text);
  }
  for (const [id, content] of Object.entries(documents)) await workspace.drop(id, content);
  const server = await startRecordingServer((await stage.simulator()).url);
  stage.afterwards(() => server.close());
  const program = await stage.run(onceOver(workspace, server, ...flags));
  return { program, workspace, bodies: server.bodies };
}
