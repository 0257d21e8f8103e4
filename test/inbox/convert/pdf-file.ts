/** A PDF with a page for each text; an empty one makes a page with nothing on it. `trailer` goes into its trailer. */
export function pdfFile(pages: readonly string[], trailer = ''): Buffer {
  const kids = pages.map((_, index) => `${4 + 2 * index} 0 R`);
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Count ${pages.length}/Kids[${kids.join(' ')}]>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ...pages.flatMap((text, index) => {
      const content = text === '' ? '' : `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`;
      return [
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents ${5 + 2 * index} 0 R>>`,
        `<</Length ${content.length}>>stream\n${content}\nendstream`,
      ];
    }),
  ];
  return written(objects, trailer);
}

/** A PDF of a few hundred bytes that has a thousand million pages: nodes that name the same node, eight times. */
export function manyPages(): Buffer {
  const levels = 10;
  const nodes = Array.from({ length: levels }, (_, level) => {
    const kids = Array.from({ length: 8 }, () => `${level + 3} 0 R`);
    return `<</Type/Pages/Count ${8 ** (levels - level)}/Kids[${kids.join(' ')}]>>`;
  });
  return written(['<</Type/Catalog/Pages 2 0 R>>', ...nodes, '<</Type/Page/MediaBox[0 0 612 792]>>'], '');
}

function written(objects: readonly string[], trailer: string): Buffer {
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(
    `${body}${table}trailer<</Size ${size}/Root 1 0 R${trailer}>>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  );
}

/** What a PDF's trailer says of a password that no one knows. */
export const LOCKED = `/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${'ab'.repeat(32)}>/U<${'cd'.repeat(32)}>>>/ID[<00><00>]`;
