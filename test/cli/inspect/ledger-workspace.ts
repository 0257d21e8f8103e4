import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { runProgram } from '../../../src/cli/program.ts';
import { FilledLedger } from '../../support/filled-ledger.ts';
import { Workspace } from '../../support/workspace.ts';
import { settingsOf } from '../support.ts';

/** A workspace for each test of a file, what its ledger remembers, and the commands that read it. */
export interface LedgerWorkspace {
  readonly workspace: Workspace;
  /** Runs a command over the workspace to its end; gives what it printed. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  fill(work: (filled: FilledLedger) => Promise<void>): Promise<void>;
}

export function ledgerWorkspaces(): LedgerWorkspace {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  return {
    get workspace() {
      return workspace;
    },
    run: async (command, ...args) => {
      const settings = settingsOf(workspace.root);
      const printed = text(settings.stdout);
      expect(await runProgram([command, '--root', workspace.root, ...args], settings)).toBe(0);
      settings.stdout.end();
      return printed;
    },
    fill: async (work) => {
      const filled = await FilledLedger.open(workspace.root);
      await work(filled);
      await filled.close();
    },
  };
}
