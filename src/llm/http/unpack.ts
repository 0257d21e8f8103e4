import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';

/** What there is of a body that was cut is given on. */
const unzip = () => createUnzip({ finishFlush: constants.Z_SYNC_FLUSH });
const unbrotli = () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });

/**
 * The body of a reply, unpacked piece by piece as it comes, if something on the way compressed it although that was ruled
 * out. It fails with the errors of the connection, or of zlib. Null if it is packed in a way that is not known.
 */
export function unpacked(reply: IncomingMessage): Readable | null {
  const encoding = reply.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  switch (encoding) {
    case 'identity':
      return reply;
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      // Errors are those of what is returned, too.
      return pipeline(reply, unzip(), () => undefined);
    case 'br':
      return pipeline(reply, unbrotli(), () => undefined);
    default:
      return null;
  }
}
