// The floor: the least that any program does for the same work, with nothing round it. It lists the inbox, and for each
// document reads, posts, parses, and writes the answer to a temporary file that is synced and renamed.
// No retries, no checks, no record of what is done.
//
//   node bench/floor.mjs API_URL WORKSPACE CONCURRENCY
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

const [api, root, concurrency] = process.argv.slice(2);
const url = new URL(`${api}/chat/completions`);
const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });
const outbox = join(root, 'outbox');

function post(body) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, method: 'POST', headers }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      reply.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function file(name, text) {
  const temporary = join(outbox, `.${name}.tmp`);
  const handle = await open(temporary, 'wx');
  await handle.writeFile(text);
  await handle.sync();
  await handle.close();
  await rename(temporary, join(outbox, `${name}.md`));
}

async function answer(name) {
  const content = await readFile(join(root, 'inbox', name), 'utf8');
  const reply = await post(
    JSON.stringify({
      model: 'anthropic/claude-sonnet-4.5',
      messages: [{ role: 'user', content }],
      max_tokens: 64000,
      reasoning: { effort: 'high' },
      stream: false,
    }),
  );
  await file(name, reply.choices[0].message.content);
}

async function work(names) {
  // oxlint-disable-next-line no-await-in-loop -- one document after the other; the workers run side by side
  for (const name of names) await answer(name);
}

await mkdir(outbox, { recursive: true });
const names = (await readdir(join(root, 'inbox'))).values();
await Promise.all(Array.from({ length: Number(concurrency) }, () => work(names)));
agent.destroy();
