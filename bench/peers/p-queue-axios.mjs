// What is written by hand in an afternoon: axios, with p-queue to bound the calls, both with their usual settings.
//
//   node bench/peers/p-queue-axios.mjs API_URL WORKSPACE CONCURRENCY
import axios from 'axios';
import PQueue from 'p-queue';
import { openWork } from './work.mjs';

const work = await openWork();
const client = axios.create({ baseURL: work.api, timeout: 900_000 });
const queue = new PQueue({ concurrency: work.concurrency });

async function answer(name) {
  const { data } = await client.post('/chat/completions', await work.bodyOf(name));
  await work.file(name, data.choices[0].message.content);
}

await queue.addAll(work.names.map((name) => () => answer(name)));
