// The vendor's own client, with p-limit to bound the calls.
//
//   node bench/peers/openai-p-limit.mjs API_URL WORKSPACE CONCURRENCY
import OpenAI from 'openai';
import pLimit from 'p-limit';
import { openWork } from './work.mjs';

const work = await openWork();
const client = new OpenAI({ baseURL: work.api, apiKey: 'none', maxRetries: 5 });
const limit = pLimit(work.concurrency);

async function answer(name) {
  const reply = await client.chat.completions.create(await work.bodyOf(name));
  await work.file(name, reply.choices[0].message.content);
}

await Promise.all(work.names.map((name) => limit(() => answer(name))));
