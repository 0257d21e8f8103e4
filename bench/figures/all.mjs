import { allDone } from './all-done.mjs';
import { auto503 } from './auto-503.mjs';
import { autoBucket } from './auto-bucket.mjs';
import { autoCapacity } from './auto-capacity.mjs';
import { autoRecovery } from './auto-recovery.mjs';
import { autoSlowing } from './auto-slowing.mjs';
import { autoTurns } from './auto-turns.mjs';
import { autoWindow } from './auto-window.mjs';
import { chance429 } from './chance-429.mjs';
import { chance503 } from './chance-503.mjs';
import { fixedBucket } from './fixed-bucket.mjs';
import { fixedCapacity } from './fixed-capacity.mjs';
import { idle } from './idle.mjs';
import { largeDocuments } from './large-documents.mjs';
import { largeFolder } from './large-folder.mjs';
import { latency } from './latency.mjs';
import { ledger } from './ledger.mjs';
import { longLatency } from './long-latency.mjs';
import { mainThread } from './main-thread.mjs';
import { memory } from './memory.mjs';
import { overhead } from './overhead.mjs';
import { peers } from './peers.mjs';
import { pickUp } from './pick-up.mjs';
import { retries } from './retries.mjs';
import { start } from './start.mjs';
import { stop } from './stop.mjs';
import { streamEvents } from './stream-events.mjs';
import { streamed } from './streamed.mjs';

/** In the order in which they are measured and shown. */
export const FIGURES = [
  mainThread,
  overhead,
  streamed,
  peers,
  latency,
  longLatency,
  retries,
  streamEvents,
  chance429,
  chance503,
  fixedCapacity,
  fixedBucket,
  autoCapacity,
  autoRecovery,
  autoWindow,
  auto503,
  autoTurns,
  autoBucket,
  autoSlowing,
  start,
  largeFolder,
  stop,
  memory,
  largeDocuments,
  idle,
  pickUp,
  allDone,
  ledger,
];
