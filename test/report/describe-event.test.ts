import { expect, test } from '@jest/globals';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { type EventLevel, levelOf, messageOf } from '../../src/report/describe-event.ts';
import { eventOf } from './support.ts';

const scan = { type: 'scan-finished', ignored: {}, seconds: 1 } as const;

test.each<[PipelineEvent, EventLevel, string]>([
  [
    eventOf.finished('a', 3, { number: 2, message: 'too many requests' }),
    'debug',
    'attempt 2: too many requests, next in 3 s',
  ],
  [eventOf.failed('a', { earlier: true }), 'debug', 'failed earlier: it was refused'],
  [eventOf.waiting('a'), 'debug', 'waiting: the same bytes are being asked'],
  [eventOf.interrupted('a', 2), 'warn', 'attempt 2 was in flight when the program last died; it may have been billed'],
  [eventOf.reused('a'), 'info', 'reused, at no cost: a.md'],
  [eventOf.reused('a', 'b'), 'info', 'reused, at no cost: a.md (the answer to b)'],
  [eventOf.departed('a', 'a.12345678'), 'debug', 'moved to the archive: a.12345678'],
  [eventOf.departed('a', null), 'debug', 'deleted from the inbox'],
  [eventOf.held('a'), 'warn', 'held for a person: the request left and no whole reply came back'],
  [eventOf.held('a', true), 'debug', 'held earlier: the request left and no whole reply came back'],
  [eventOf.noted('a'), 'info', 'it was cut'],
  [
    { type: 'document-read-in-part', id: 'a', leftOut: { chart: 2, picture: 1 } },
    'warn',
    'read in part; the model was told that this was left out: 2 charts, 1 picture',
  ],
  [eventOf.finished('a', 0, { message: 'the answer goes on' }), 'debug', 'attempt 1: the answer goes on, next at once'],
  [
    eventOf.barred('q1/_recipe.prompt'),
    'warn',
    'The recipe q1/_recipe.prompt cannot be used: temprature is not known. Its documents are pending.',
  ],
  [eventOf.reopened('a'), 'warn', 'its failure is taken back, as other documents fail alike: the model was'],
  [
    { ...scan, initial: true, documents: 5, settling: 2 },
    'info',
    '7 documents found, 2 of them too young to be read yet',
  ],
  [{ ...scan, initial: false, documents: 1, settling: 0 }, 'debug', '1 document found'],
  [{ type: 'gate-cooling', model: 'm', seconds: 12, reason: 'busy' }, 'info', 'cooling down, 12 s: busy'],
  [{ type: 'inbox-lost', reason: 'unmounted' }, 'error', 'the inbox cannot be read: unmounted'],
  [
    { type: 'run-stopping', reason: 'signal', signal: 'SIGTERM', graceSeconds: 60 },
    'warn',
    'stopping, as the signal SIGTERM came: no new call, those in flight finish, at most 1 min (once more ends it at once)',
  ],
  [
    { type: 'run-stopping', reason: 'duration', signal: null, graceSeconds: 60 },
    'warn',
    'stopping, as the time of --max-duration is over: no new call, those in flight finish, at most 1 min (Ctrl-C ends it at once)',
  ],
])('%j', (event, level, message) => {
  expect({ level: levelOf(event), message: messageOf(event) }).toEqual({ level, message });
});
