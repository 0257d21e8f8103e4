import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { BodyReader } from '../http/call.ts';
import { type ParsedReply, ReplyDraft } from './reply.ts';

/** Reads a reply as JSON or as a stream by what comes, not by what was asked for: either may answer the other. */
export function createReplyReader(): BodyReader<ParsedReply> {
  let reader: BodyReader<ParsedReply> | null = null;
  let text: string | undefined;
  return {
    push(chunk) {
      if (reader !== null) return reader.push(chunk);
      const start = firstInked(chunk);
      if (start === chunk.length) return false;
      reader = STREAM_STARTS.has(chunk[start] ?? 0)
        ? createStreamReader()
        : createAnswerReader(chunk[start] === PAGE_START);
      const beginning = chunk.toString('latin1', start, start + LONGEST_FIELD);
      if (chunk.length <= LONGEST_SENTENCE_BYTES && !NO_SENTENCE.test(beginning)) text = chunk.toString('utf8', start);
      return reader.push(start === 0 ? chunk : chunk.subarray(start));
    },
    end(byItself) {
      const reply = reader?.end(byItself) ?? new ReplyDraft().reply('blank', false);
      return reply.form === 'unreadable' && text !== undefined ? { ...reply, said: text } : reply;
    },
  };
}

/** The beginnings of JSON, of a page, and of the fields of an event stream. All else is a sentence, if it is short. */
const NO_SENTENCE = /^(?:[:[{<]|data:|event:|id:|retry:)/;
const LONGEST_FIELD = 'retry:'.length;
const LONGEST_SENTENCE_BYTES = 2000;

/** Where white space and a byte order mark end: slow answers are padded with blanks, for minutes. */
function firstInked(chunk: Buffer): number {
  let index = 0;
  while (index < chunk.length && PADDING.has(chunk[index] ?? 0)) index += 1;
  return index;
}

const PADDING = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);

/** `<` begins HTML. */
const PAGE_START = 0x3c;

/** The first letters of the fields of an event stream (data, event, id, retry) and of its comments. */
const STREAM_STARTS = new Set(Buffer.from(':deir'));

function createAnswerReader(isPage: boolean): BodyReader<ParsedReply> {
  const json = createJsonReader();
  return {
    push: (chunk) => json.push(chunk),
    end(byItself) {
      const value = json.end(byItself);
      const draft = new ReplyDraft();
      draft.add(value);
      if (value === undefined) return draft.reply(isPage ? 'page' : json.hasLines() ? 'lines' : 'unreadable', false);
      const reply = draft.reply('json', true);
      return reply.answered ? reply : { ...reply, said: value };
    },
  };
}

/** Events without an object are passed over; one that is no JSON is damage, unless it is several that nothing parts. */
function createStreamReader(): BodyReader<ParsedReply> {
  const draft = new ReplyDraft();
  let empty = true;
  let broken = false;
  let done = false;
  const take = (data: string, event?: string): void => {
    if (done) return;
    if (!data.startsWith('{')) {
      const text = data.trim();
      if (text === '') return;
      done = text === '[DONE]';
    }
    empty = false;
    if (done) return;
    const part = parseJson(data);
    if (part !== undefined && event !== 'error') draft.add(part);
    else if (event === 'error') draft.addError(part ?? data);
    else if (data.includes('\n')) for (const line of data.split('\n')) take(line);
    else broken = true;
  };
  const parser = createSseParser(take);
  return {
    push(chunk) {
      parser.push(chunk);
      return done;
    },
    end(byItself) {
      parser.end();
      if (empty) return draft.reply('unreadable', false);
      const whole = !broken && draft.isWholeStream(done, byItself);
      const reply = draft.reply('stream', whole);
      return done && !broken && !whole ? { ...reply, endUntold: true } : reply;
    },
  };
}

interface JsonReader extends BodyReader<unknown> {
  /** Whether what was read is several JSON objects, one a line: to be asked at its end. */
  hasLines(): boolean;
}

/** Reads a body as one JSON value; undefined if it is none, or cut. */
export function createJsonReader(): JsonReader {
  const chunks: Buffer[] = [];
  const text = (): string => {
    const [first] = chunks;
    const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
    return body.toString('utf8');
  };
  return {
    push(chunk) {
      chunks.push(chunk);
      return false;
    },
    end: () => parseJson(text()),
    hasLines() {
      const [line = '', another = ''] = text().split('\n', 2);
      return another.startsWith('{') && isRecord(parseJson(line));
    },
  };
}

/** Gives `onData` the data of each server-sent event, and its name. At `end`, one that lacks its closing blank line counts, too. */
export function createSseParser(onData: (data: string, event?: string) => void): {
  push(chunk: Buffer): void;
  end(): void;
} {
  // A streaming TextDecoder does the same in three times the time of parsing.
  const decoder = new StringDecoder('utf8');
  const parser = createParser({ onEvent: ({ data, event }) => onData(data, event) });
  return {
    push: (chunk) => parser.feed(decoder.write(chunk)),
    end: () => parser.feed(`${decoder.end()}\n\n`),
  };
}
