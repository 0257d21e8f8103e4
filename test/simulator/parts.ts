/** The smallest of their kind. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);

/** A PDF as far as the simulator looks at it: a line of text on each page. */
export function pdfOf(...pages: readonly string[]): Buffer {
  const objects = pages.map((text) => `<< /Type /Page >>\nBT (${text}) Tj ET\n`);
  return Buffer.from(`%PDF-1.4\n<< /Type /Pages >>\n${objects.join('')}%%EOF\n`);
}

export function textPart(text: string): object {
  return { type: 'text', text };
}

export function imagePart(bytes: Buffer, mediaType = 'image/png'): object {
  return { type: 'image_url', image_url: { url: dataUrl(mediaType, bytes) } };
}

export function audioPart(bytes: Buffer, format = 'wav'): object {
  return { type: 'input_audio', input_audio: { data: bytes.toString('base64'), format } };
}

export function pdfPart(bytes: Buffer, filename = 'report.pdf'): object {
  return { type: 'file', file: { filename, file_data: dataUrl('application/pdf', bytes) } };
}

function dataUrl(mediaType: string, bytes: Buffer): string {
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}
