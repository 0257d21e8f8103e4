import type { CommandModule } from 'yargs';
import { resolveApi } from '../../llm/api.ts';
import { yargsOptions } from '../../options/yargs-options.ts';
import { readStatus } from '../../queries/read-status.ts';
import { loadRecipes } from '../../run/load-recipes.ts';
import { askedOf, WORKSPACE_KEYS } from '../command.ts';
import type { OptionKey } from '../options/table.ts';
import type { ProgramSettings } from '../program.ts';
import { statusText } from './status-text.ts';

/** With what shapes answers: it tells which results are stale. */
const KEYS: readonly OptionKey[] = [
  ...WORKSPACE_KEYS,
  'api',
  'model',
  'recipe',
  'inboxRecipes',
  'reasoning',
  'maxTokens',
  'json',
];

/** `sluice status`: how the workspace stands, beside whoever works on it. */
export function statusCommand(settings: ProgramSettings): CommandModule {
  return {
    command: 'status',
    describe: 'Tell how many documents are done, failed, held and pending, what runs, and what was spent',
    builder: yargsOptions(KEYS),
    handler: async (flags) => {
      const options = askedOf(flags, KEYS, settings);
      const recipes = loadRecipes(options, resolveApi(options.api), () => settings.clock.now());
      const status = await readStatus(options, recipes, new Date(settings.clock.wall()));
      settings.stdout.write(`${options.json ? JSON.stringify(status) : statusText(status)}\n`);
    },
  };
}
