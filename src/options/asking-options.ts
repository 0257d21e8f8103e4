import type { OptionTable } from '../cli/options/option-row.ts';
import { REASONING } from '../domain/options.ts';
import { anyText, apiOrUrl, oneOf, onOrOff, path, wholeNumber } from './value-kind.ts';

/** Who is asked, and what. */
export const askingOptions = {
  api: {
    flag: 'api',
    kind: apiOrUrl,
    default: 'openrouter',
    group: 'What is asked',
    help: 'Who is asked: openrouter, openai, ollama, simulator, or a base URL to which /chat/completions is added',
  },
  apiKeyFile: {
    flag: 'api-key-file',
    kind: path('FILE'),
    default: null,
    group: 'What is asked',
    help: 'A file that holds the key for --api; keys themselves are never flags',
  },
  model: {
    flag: 'model',
    kind: anyText('ID'),
    default: 'anthropic/claude-sonnet-4.5',
    group: 'What is asked',
    help: 'The model, as the API names it; openai and ollama need it',
  },
  recipe: {
    flag: 'recipe',
    kind: path('FILE'),
    default: null,
    group: 'What is asked',
    help: 'A .prompt, .md or .txt file that says what to ask of every document; without it, the nearest recipe of each (README, Recipes)',
  },
  inboxRecipes: {
    flag: 'inbox-recipes',
    kind: onOrOff,
    default: true,
    group: 'What is asked',
    help: 'Recipes in the inbox (_recipe.prompt, .md, .txt) count; --no-inbox-recipes for an inbox that strangers write to',
  },
  reasoning: {
    flag: 'reasoning',
    kind: oneOf('EFFORT', REASONING),
    default: 'high',
    group: 'What is asked',
    help: `How long the model may think: ${REASONING.join(', ')}; not sent to openai and ollama`,
  },
  maxTokens: {
    flag: 'max-tokens',
    kind: wholeNumber({ min: 1, max: 1_000_000_000 }),
    default: 64_000,
    group: 'What is asked',
    help: 'The longest answer, in tokens',
  },
  stream: {
    flag: 'stream',
    kind: onOrOff,
    default: true,
    group: 'What is asked',
    help: 'Answers come as server-sent events; --no-stream asks for one JSON body',
  },
  replayCache: {
    flag: 'replay-cache',
    kind: onOrOff,
    default: false,
    group: 'What is asked',
    help: 'OpenRouter stores answers for up to a day, so that a repeated call is free; not sent to other APIs',
  },
} satisfies Partial<OptionTable>;
