import type { CommandModule } from 'yargs';
import { UsageError } from '../../domain/errors.ts';
import { loadEnvironment } from '../../options/load-environment.ts';
import { yargsOptions } from '../../options/yargs-options.ts';
import { render } from '../../run/render.ts';
import { textOf } from '../command.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { OptionKey } from '../options/table.ts';
import type { ProgramSettings } from '../program.ts';
import { renderText } from './text.ts';

/** Those of a run that shape a request, or tell what it costs. */
const KEYS: readonly OptionKey[] = [
  'root',
  'inbox',
  'api',
  'apiKeyFile',
  'model',
  'recipe',
  'inboxRecipes',
  'reasoning',
  'maxTokens',
  'stream',
  'maxBytes',
  'maxCostUsd',
  'pricePrompt',
  'priceCompletion',
  'json',
];

/** Some documents failed, as a run would end. */
const WOULD_FAIL = 3;

/** `sluice render DOC`: the request that would be sent for a document. */
export function renderCommand(settings: ProgramSettings, finish: (exitCode: number) => void): CommandModule {
  return {
    command: 'render <document>',
    describe: 'Print the exact request that would be sent for a document, with its tokens and cost; nothing is sent',
    builder: (yargs) =>
      yargs.options(yargsOptions(KEYS)).positional('document', {
        type: 'string',
        describe: 'Its path below the inbox, or a path to it',
      }),
    handler: async (flags) => {
      const { currentFolder, stdout, stderr } = settings;
      const given = textOf(flags, 'document');
      if (given === null) throw new UsageError('render takes one document.');
      const environment = loadEnvironment(currentFolder, settings.environment);
      const asked = { ...resolveOptions({ flags, environment, currentFolder, keys: KEYS }), environment };
      const { json, api } = asked.options;
      const rendering = await render(given, asked, settings);
      const { refusal } = rendering;
      if (refusal !== null) finish(WOULD_FAIL);
      stderr.write(`${renderText(rendering, api === 'simulator')}\n`);
      if (json) stdout.write(`${JSON.stringify(rendering)}\n`);
      else if (refusal === null) stdout.write(`${JSON.stringify(rendering.body, null, 2)}\n`);
    },
  };
}
