export const PER_FOLDER = 1000;

/** The folder of document `number`, below inbox, outbox and failed. */
export function folderOf(number) {
  return String(Math.floor(number / PER_FOLDER)).padStart(4, '0');
}
