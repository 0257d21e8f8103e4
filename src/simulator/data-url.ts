interface DataUrl {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** The bytes of `data:TYPE;base64,…`; null where it is none, or has no bytes. */
export function readDataUrl(url: string): DataUrl | null {
  const comma = url.indexOf(',');
  const mediaType = /^data:([\w.+-]+\/[\w.+-]+);base64$/.exec(url.slice(0, Math.max(comma, 0)))?.[1];
  const bytes = mediaType === undefined ? null : decodeBase64(url.slice(comma + 1));
  return mediaType === undefined || bytes === null ? null : { mediaType, bytes };
}

/** Null where it is empty, has other characters, or is not padded: `Buffer.from` would take all that. */
export function decodeBase64(text: string): Buffer | null {
  const isWhole = text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isWhole ? Buffer.from(text, 'base64') : null;
}
