import { StringDecoder } from 'node:string_decoder';

/** Takes a server-sent event stream apart, however its bytes are cut. Lines end with CRLF, LF or CR. */
export interface SseParser {
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
