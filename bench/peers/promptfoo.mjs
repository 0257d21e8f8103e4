// promptfoo as a runner of documents: one prompt, one test for each document. It is too heavy to be installed with this
// repository, so the folder in which it is installed comes from outside. It files no answers: it gathers them in one
// report at the end.
//
//   node bench/peers/promptfoo.mjs API_URL WORKSPACE CONCURRENCY FOLDER
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [api, root, concurrency, folder] = process.argv.slice(2);
const inbox = join(root, 'inbox');
const outbox = join(root, 'outbox');
const configuration = join(outbox, 'promptfooconfig.json');

const provider = {
  id: 'openai:chat:anthropic/claude-sonnet-4.5',
  config: { apiBaseUrl: api, apiKey: 'none', max_tokens: 64_000, passthrough: { reasoning: { effort: 'high' } } },
};
const tests = readdirSync(inbox).map((name) => ({ vars: { document: `file://${join(inbox, name)}` } }));
mkdirSync(outbox, { recursive: true });
writeFileSync(configuration, JSON.stringify({ prompts: ['{{document}}'], providers: [provider], tests }));

Object.assign(process.env, {
  PROMPTFOO_CONFIG_DIR: join(outbox, '.promptfoo'),
  PROMPTFOO_DISABLE_TELEMETRY: '1',
  PROMPTFOO_DISABLE_UPDATE: '1',
  PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
});
const flags = ['--no-cache', '--no-table', '--no-progress-bar', '--max-concurrency', concurrency];
const output = join(outbox, 'promptfoo.json');
process.argv.splice(2, Infinity, 'eval', '--config', configuration, '--output', output, ...flags);
// In this process, so that its time and memory are measured as those of the others are.
await import(pathToFileURL(join(folder, 'node_modules/promptfoo/dist/src/entrypoint.js')).href);
