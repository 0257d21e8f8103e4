import { StringDecoder } from 'node:string_decoder';
import { parseJson } from '../../lib/json.ts';
import type { BodyReader } from '../http/call.ts';
import { ReplyDraft } from './draft.ts';
import { emptyReply, type ParsedReply } from './reply.ts';

/** Reads a reply as JSON or as a stream by what comes, not by what was asked for: either may answer the other. */
export function createReplyReader(): BodyReader<ParsedReply> {
  let reader: BodyReader<ParsedReply> | null = null;
  return {
    push(chunk) {
      if (reader !== null) return reader.push(chunk);
      const start = firstInked(chunk);
      if (start === chunk.length) return false;
      reader = readerFor(chunk[start]);
      return reader.push(start === 0 ? chunk : chunk.subarray(start));
    },
    end: (byItself) => reader?.end(byItself) ?? emptyReply('blank'),
  };
}

/** Where white space and a byte order mark end: slow answers are padded with blanks, for minutes. */
function firstInked(chunk: Buffer): number {
  let index = 0;
  while (index < chunk.length && PADDING.has(chunk[index] ?? 0)) index += 1;
  return index;
}

const PADDING = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);

/** The first letters of the fields of an event stream (data, event, id, retry) and of its comments. */
const STREAM_STARTS = new Set(Buffer.from(':deir'));

function readerFor(firstByte: number | undefined): BodyReader<ParsedReply> {
  return STREAM_STARTS.has(firstByte ?? 0) ? createStreamReader() : createAnswerReader();
}

function createAnswerReader(): BodyReader<ParsedReply> {
  const json = createJsonReader();
  return {
    push: (chunk) => json.push(chunk),
    end(byItself) {
      const value = json.end(byItself);
      if (value === undefined) return emptyReply('unreadable');
      const draft = new ReplyDraft();
      draft.add(value);
      return draft.reply('json', true);
    },
  };
}

/**
 * A stream is whole that came to its finish reason and then to `[DONE]`, to its usage, or after an answer that stopped
 * to the end of a body that nothing cut: some servers send neither. The finish reason is the last that a model says, so
 * that only the count of tokens can be missing. Events that hold nothing or no object are passed over; one that is no
 * JSON is damage.
 */
function createStreamReader(): BodyReader<ParsedReply> {
  const draft = new ReplyDraft();
  let events = 0;
  let broken = false;
  let done = false;
  const parser = createSseParser((data) => {
    if (done || data.trim() === '') return;
    events += 1;
    if (data.trim() === '[DONE]') {
      done = true;
      return;
    }
    const part = parseJson(data);
    if (part === undefined) broken = true;
    else draft.add(part);
  });
  return {
    push(chunk) {
      parser.push(chunk);
      return done;
    },
    end(byItself) {
      parser.end();
      if (events === 0) return emptyReply('unreadable');
      return draft.reply(
        'stream',
        !broken && draft.finished && (done || draft.hasUsage || (byItself && draft.stopped)),
      );
    },
  };
}

/** Reads a body as one JSON value; undefined where it is none, or cut. */
export function createJsonReader(): BodyReader<unknown> {
  const chunks: Buffer[] = [];
  return {
    push(chunk) {
      chunks.push(chunk);
      return false;
    },
    end() {
      const [first] = chunks;
      const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      return parseJson(body.toString('utf8'));
    },
  };
}

/** Takes a server-sent event stream apart, however its bytes are cut. Lines end with CRLF, LF or CR. */
interface SseParser {
  push(chunk: Buffer): void;
  /** Tells the parser that no more comes. An event that lacks its closing blank line still counts. */
  end(): void;
}

/** `onData` gets the data of each event, its lines joined; comments and other fields are passed over. */
export function createSseParser(onData: (data: string) => void): SseParser {
  const decoder = new StringDecoder('utf8');
  let pending: string[] = [];
  let data: string[] = [];
  let endedWithReturn = false;

  const takeLine = (line: string) => {
    if (line === '') return dispatch();
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
  };

  const dispatch = () => {
    if (data.length === 0) return;
    const event = data.length === 1 ? (data[0] ?? '') : data.join('\n');
    data = [];
    onData(event);
  };

  const takeText = (text: string) => {
    let start = endedWithReturn && text[0] === '\n' ? 1 : 0;
    endedWithReturn = text.endsWith('\r');
    let feed = text.indexOf('\n', start);
    let carriage = text.indexOf('\r', start);
    while (feed !== -1 || carriage !== -1) {
      const end = feed === -1 || (carriage !== -1 && carriage < feed) ? carriage : feed;
      const line = text.slice(start, end);
      takeLine(pending.length === 0 ? line : pending.join('') + line);
      pending = [];
      start = end === carriage && feed === carriage + 1 ? end + 2 : end + 1;
      if (feed !== -1 && feed < start) feed = text.indexOf('\n', start);
      if (carriage !== -1 && carriage < start) carriage = text.indexOf('\r', start);
    }
    if (start < text.length) pending.push(text.slice(start));
  };

  return {
    push(chunk) {
      const text = decoder.write(chunk);
      if (text !== '') takeText(text);
    },
    end() {
      takeLine(pending.join('') + decoder.end());
      dispatch();
    },
  };
}
