import { type OptionKey, SHAPING_KEYS } from '../../domain/options.ts';
import { visibleJson } from '../../report/words.ts';
import type { Command, CommandContext } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { inspectedOptions } from './inspected.ts';
import { needsWorkspace } from './ledger.ts';
import { readStatus } from './read-status.ts';
import { failedText, statusText } from './status-text.ts';

/** With the options that shape an answer, to find stale results. */
const KEYS: readonly OptionKey[] = ['root', ...SHAPING_KEYS, 'json'];

/** `sluice status`: how the workspace stands, also while another process works on it. */
export function statusCommand(context: CommandContext): Command {
  return {
    name: 'status',
    describe: 'Tell how many documents are done, failed, held and pending, what runs, and what was spent',
    examples: ['status --root papers'],
    flags: () => ({
      ...yargsOptions(KEYS),
      failed: {
        type: 'string',
        describe: 'Alone: list all failed and held documents with their reasons. With DIR: where error reports appear',
      },
    }),
    needs: needsWorkspace,
    run: async ({ failed, ...others }) => {
      const lists = failed === '';
      const asked = inspectedOptions(lists ? others : { ...others, failed }, context, KEYS);
      const { options } = asked;
      const status = await readStatus(asked, context.clock);
      const settings = { hint: asked.hint, now: context.clock.wall() };
      const text = (lists ? failedText : statusText)(status, settings);
      context.stdout.write(`${options.json ? visibleJson(JSON.stringify(status)) : text}\n`);
      return 0;
    },
  };
}
