import { expect, test } from '@jest/globals';
import { call, chatBody, simulatorsForTests } from '../simulator/support.ts';
import { startRecordingServer } from './recording-server.ts';

const start = simulatorsForTests();

test('hands all on as it is, and keeps the bodies of calls', async () => {
  const simulator = await start();
  const recorder = await startRecordingServer(simulator.url);
  try {
    const models = await call(`${recorder.url}/models`);
    expect(models.text).toBe((await call(`${simulator.url}/models`)).text);
    const body = chatBody('# Minutes', true);
    const reply = await call(`${recorder.url}/chat/completions`, { method: 'POST', body });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(reply.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(recorder.bodies).toEqual([body]);
  } finally {
    await recorder.close();
  }
});
