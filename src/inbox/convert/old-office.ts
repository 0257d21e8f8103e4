/** What a compound file (MS-CFB) is, and what to do with it. */
export interface OldOffice {
  readonly found: string;
  readonly advice: string;
}

interface OldFormat extends OldOffice {
  /** First words of the classes that may stand at the root of such a file. */
  readonly classes: readonly number[];
  /** Names of the stream with its text. Files may lie in messages, and sheets in slides: the first counts. */
  readonly streams: readonly string[];
}

const FORMATS: readonly OldFormat[] = [
  {
    classes: [0x00_02_0d_0b],
    streams: ['__properties_version1.0'],
    found: 'a message of Outlook (msg)',
    advice: 'Save it as eml, or as PDF.',
  },
  {
    classes: [0x64_81_8d_10],
    streams: ['PowerPoint Document'],
    found: 'an old presentation (ppt)',
    advice: 'Save it as pptx, or as PDF.',
  },
  {
    classes: [0x00_02_09_06, 0x00_02_09_00],
    streams: ['WordDocument'],
    found: 'an old Word document (doc)',
    advice: 'Save it as docx, or as PDF.',
  },
  {
    classes: [0x00_02_08_20, 0x00_02_08_10],
    streams: ['Workbook', 'Book'],
    found: 'an old workbook (xls)',
    advice: 'Save it as xlsx, or as PDF.',
  },
  {
    classes: [0x00_02_1a_14],
    streams: ['VisioDocument'],
    found: 'an old drawing of Visio (vsd)',
    advice: 'Save it as PDF.',
  },
];

const UNKNOWN: OldOffice = {
  found: 'an old Office file (doc, xls, ppt) or a message of Outlook',
  advice: 'Save it as docx, xlsx or pptx, or as PDF.',
};

/** Which of them a compound file is. */
export function oldOffice(bytes: Buffer): OldOffice {
  const root = rootClass(bytes);
  return (
    FORMATS.find(({ classes }) => root !== null && classes.includes(root)) ??
    FORMATS.find(({ streams }) => streams.some((name) => bytes.includes(Buffer.from(`${name}\0`, 'utf16le')))) ??
    UNKNOWN
  );
}

/** MS-CFB 2.2 and 2.6: where the directory begins, and the class of its first entry. Null if it lies outside. */
function rootClass(bytes: Buffer): number | null {
  if (bytes.length < 52) return null;
  const sectorBytes = 2 ** bytes.readUInt16LE(30);
  const root = (bytes.readUInt32LE(48) + 1) * sectorBytes + 80;
  return root + 4 > bytes.length ? null : bytes.readUInt32LE(root);
}
