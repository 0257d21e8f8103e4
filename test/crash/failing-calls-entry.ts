// For `node --import`: in the process that it is loaded into, one call of node:fs fails, as FAILING_CALL says; at the end
// the process tells on stderr what failed and how many calls there were.
import { writeSync } from 'node:fs';
import { FailingCalls } from './failing-calls.ts';

const { folder, number, code } = JSON.parse(process.env['FAILING_CALL'] ?? '') as {
  readonly folder: string;
  readonly number: number;
  readonly code: string;
};
const calls = new FailingCalls();
calls.arm(folder, number, code);
calls.install();
process.on('exit', () => {
  writeSync(2, `${JSON.stringify({ event: 'calls-counted', calls: calls.count, failed: calls.failed })}\n`);
});
