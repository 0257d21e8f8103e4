// The floor: the least that any program on Node does for the same work, with nothing round it. For each document it
// reads, posts, parses, and writes the answer to a temporary file that is synced and renamed.
// No retries, no checks, no record of what is done.
//
//   node bench/peers/floor.mjs API_URL WORKSPACE CONCURRENCY [--stream]
import { Agent, request } from 'node:http';
import { openWork } from './work.mjs';

const work = await openWork();
const url = new URL(`${work.api}/chat/completions`);
const agent = new Agent({ keepAlive: true, maxSockets: work.concurrency });
const readReply = work.stream ? readEvents : readJson;

function post(body) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, method: 'POST', headers }, resolve);
    call.on('error', reject);
    call.end(body);
  });
}

async function readJson(reply) {
  const chunks = [];
  for await (const chunk of reply) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()).choices[0].message.content;
}

async function readEvents(reply) {
  let [text, rest] = ['', ''];
  for await (const chunk of reply.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) text += deltaOf(line);
  }
  return text;
}

function deltaOf(line) {
  if (!line.startsWith('data: {')) return '';
  return JSON.parse(line.slice('data: '.length)).choices[0]?.delta.content ?? '';
}

async function answer(names) {
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- one document after the other; the workers run side by side
    await work.file(name, await readReply(await post(JSON.stringify(await work.bodyOf(name)))));
  }
}

const names = work.names.values();
await Promise.all(Array.from({ length: work.concurrency }, () => answer(names)));
agent.destroy();
