/* Claims that are printed as they are proved, and waiting for what is to be seen. */
import {basename} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';

export class Broken extends Error {}

/* Says what was proved, or ends the proof. */
export function claim(words, isSo, detail = '') {
  if (!isSo)
    throw new Broken(`${words}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
  console.log(`  proved: ${words}`);
}

/* Asks until there is something; gives what there is. */
export async function until(words, ask, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await ask();
    if (found)
      return found;
    if (Date.now() > end)
      throw new Broken(`not within ${seconds} s: ${words}`);
    await pause(50);
  }
}

const lastly = [];

/* What has to be ended, whatever becomes of the proof; the newest first. */
export function atEnd(run) {
  lastly.push(run);
}

async function endAll() {
  for (const run of lastly.splice(0).reverse())
    await run().catch(error => console.log(`  at the end: ${error.message}`));
}

function told(error) {
  if (error instanceof Broken)
    return error.message;
  const words = error.message.replaceAll(/\u001b\[\d+m/g, '');
  return `${words}\n${(error.stack ?? '').split('\n').filter(line => line.includes('tests/web')).slice(0, 4).join('\n')}`;
}

/* Runs a proof; the exit code says whether it holds. */
export async function prove(run) {
  const began = Date.now();
  console.log(basename(process.argv[1], '.mjs'));
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => endAll().finally(() => process.exit(130)));
  let fault = null;
  try {
    await run();
  } catch (error) {
    fault = error;
  }
  await endAll();
  console.log(fault === null ? `  holds (${((Date.now() - began) / 1000).toFixed(1)} s)` : `  BROKEN: ${told(fault)}`);
  process.exit(fault === null ? 0 : 1);
}
