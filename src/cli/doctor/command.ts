import { existsSync } from 'node:fs';
import type { OptionKey } from '../../domain/options.ts';
import { walk } from '../../inbox/scan.ts';
import { counted } from '../../lib/text.ts';
import { writeText } from '../../report/screen.ts';
import { visible, visibleJson } from '../../report/words.ts';
import type { Asked, Hint } from '../../run/prepare.ts';
import { type Command, type CommandContext, commandOptions, WORKSPACE_KEYS } from '../command.ts';
import { plainHints } from '../hints.ts';
import { ledgerFolderOf } from '../inspect/workspace.ts';
import { yargsOptions } from '../options/table.ts';
import { apiFindings } from './api.ts';
import { type Finding, fix } from './finding.ts';
import { eventsFinding, folderFinding, oneDiskFinding } from './folders.ts';
import { holderFinding, inotifyFindings, programFindings, spaceFinding } from './system.ts';

const KEYS: readonly OptionKey[] = [
  ...WORKSPACE_KEYS,
  'api',
  'apiKeyFile',
  'apiHeadersFile',
  'proxy',
  'model',
  'maxTokens',
  'pricePrompt',
  'priceCompletion',
  'priceList',
  'rescanSeconds',
  'json',
];

/** `sluice doctor`: whether key, model, folders and system are as a run needs them, and what to change. */
export function doctorCommand(context: CommandContext): Command {
  return {
    name: 'doctor',
    describe:
      'Check key, credit, model, prices, folders, file events and the system, and say what to change; costs nothing',
    examples: ['doctor --root papers'],
    flags: () => yargsOptions(KEYS),
    run: async (flags) => {
      const asked = commandOptions(flags, context, KEYS);
      const hint = plainHints(context);
      const findings = [...(await workspaceFindings(asked, hint)), ...(await apiFindings(asked, context, hint))];
      const isWell = findings.every(({ state }) => state !== 'fix');
      if (asked.options.json) context.stdout.write(`${visibleJson(JSON.stringify({ isWell, findings }))}\n`);
      else writeText(context.stdout, doctorText(findings));
      return isWell ? 0 : 2;
    },
  };
}

async function workspaceFindings({ options }: Asked, hint: Hint): Promise<readonly Finding[]> {
  const { root, inbox, outbox, failed, rescanSeconds } = options;
  const ledgerFolder = ledgerFolderOf(root);
  const program = programFindings(ledgerFolder);
  if (!existsSync(root)) {
    const remedy = `Make one with ${hint('init FOLDER')}, or name another with --root.`;
    return [...program, fix('workspace', `${visible(root)} does not exist`, remedy)];
  }
  return [
    ...program,
    await holderFinding(ledgerFolder),
    ...Object.entries({ inbox, outbox, failed, ledger: ledgerFolder }).map(([name, folder]) =>
      folderFinding(name, folder),
    ),
    oneDiskFinding(options),
    spaceFinding(root),
    ...(existsSync(inbox) ? [await eventsFinding(inbox, rescanSeconds), ...inotifyFindings(foldersIn(inbox))] : []),
  ];
}

function foldersIn(inbox: string): number {
  let folders = 0;
  for (const { kind } of walk(inbox, '', false)) folders += kind === 'folder' ? 1 : 0;
  return folders;
}

/** A line for each, and below it what to do. */
export function doctorText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, remedy }) => [
    `${state.padEnd(4)}  ${check.padEnd(width)}  ${found}`,
    ...(remedy === null ? [] : [`${' '.repeat(width + 8)}-> ${remedy}`]),
  ]);
  const wrong = findings.filter(({ state }) => state === 'fix').length;
  const end =
    wrong === 0
      ? 'Nothing must be done.'
      : `${counted(wrong, 'thing')} must be done: see the lines that begin with fix.`;
  return [...lines.map(visible), '', end].join('\n');
}
