/* What the pages have to show: people, what they did at forms and wrote, texts to them, blocks. Whatever a stranger can write is hostile. */
import {createServer} from 'node:http';
import {DOUBLE, optIn, PROGRAM} from './gateway.mjs';
import {atEnd, until} from './proof.mjs';

export const AMY = '+14155550101', BEN = '+14155550102', CLEO = '+14155550103', DAN = '+14155550104', EVE = '+14155550105', FAY = '+14155550106',
             GUS = '+14155550107', HAL = '+14155550108', IDA = '+14155550109';

/* A text that breaks out of wherever it is put as markup: text, an attribute, a script, a style sheet. */
export function hostile(name) {
  return `${name}"'><img data-hostile src=x onerror=alert(1)><script data-hostile>alert(2)</script></style></textarea></title>` +
         `<svg data-hostile onload=alert(3)><a data-hostile href="javascript:alert(4)">{{7*7}}\${alert(5)}`;
}

/* The same in little room: of one part of a text message. */
export const SHORT = '<img data-hostile src=x onerror=alert(1)>';
export const ADDRESS = 'https://evil.example/"><img data-hostile src=x onerror=alert(1)>';
export const SCRIPT = 'javascript:alert(document.domain)//<img data-hostile src=x>';
export const TEXT_OF_EVE = `=1+1 Is the house still there? ${SHORT}`;
export const TEXT_OF_CLEO = `please leave me alone ${SHORT}`;
export const TEXT_OF_DAN = `don't text me anymore ${SHORT}`;

/* All that a form can bring, under names by which it is found again. */
export const FORM = {
  user_agent: hostile('user agent'), form_url: ADDRESS, product: hostile('product').slice(0, 200), form_version: hostile('version').slice(0, 100),
  disclosure: hostile('disclosure'), session: hostile('visit').slice(0, 200), contact_ref: hostile('contact').slice(0, 200), certificate_url: SCRIPT,
  recording: hostile('recording'), document: hostile('document')};

export function send(gateway, to, more = {}, ...statuses) {
  return gateway.post('/v1/messages', {program: PROGRAM, to, text: 'Hi, it is Sam from Market Leader. Still looking?', ...more}, ...statuses);
}

async function campaignMake(gateway) {
  const {id} = await gateway.post('/v1/campaigns', {name: hostile('campaign').slice(0, 200), program: PROGRAM, text: `Hi {first_name}, open house on Sunday. ${SHORT}`,
                                                     client_ref: hostile('campaign ref').slice(0, 200)});
  const rows = [[AMY, `Amy ${SHORT}`], [EVE, 'Eve'], [BEN, 'Ben'], ['12', 'nobody']].map(([phone, name]) => `${phone},"${name}"\n`).join('');
  await gateway.must('POST', `/v1/campaigns/${id}/recipients?offset=0&last=true`, `phone,first_name\n${rows}`, {'Content-Type': 'text/csv'});
  await gateway.post(`/v1/campaigns/${id}/start`, {});
  return id;
}

/* How a world looks in which all has happened that a page can show. */
export async function peopleMake({gateway, carrier}) {
  for (const [number, more] of [[AMY, FORM], [CLEO, {}], [DAN, {}], [EVE, {}], [IDA, {}], [GUS, {opted_in: false}], [HAL, {program: DOUBLE}]])
    await optIn(gateway, number, more);
  for (const number of [AMY, CLEO, DAN, EVE])
    await carrier.waitTexts(number, 1);
  for (const number of [AMY, CLEO, DAN, EVE])
    await send(gateway, number, {client_ref: hostile('reference').slice(0, 200), text: `Hi, it is Sam. ${SHORT}`}, 202);
  for (const number of [AMY, CLEO, DAN, EVE])
    await carrier.waitTexts(number, 2);
  const campaign = await campaignMake(gateway);
  await carrier.waitTexts(EVE, 3);
  await carrier.waitTexts(AMY, 3);
  await carrier.write(EVE, TEXT_OF_EVE);
  await carrier.write(CLEO, TEXT_OF_CLEO);
  await carrier.write(DAN, TEXT_OF_DAN);
  await carrier.write(AMY, 'STOP');
  await carrier.waitTexts(AMY, 4);
  for (const number of [AMY, BEN, GUS])
    await send(gateway, number, {client_ref: hostile('blocked ref').slice(0, 200)}, 403);
  await send(gateway, HAL, {program: DOUBLE}, 403);
  await gateway.post('/v1/suppressions', {phone: FAY, kind: 'listed', note: hostile('suppression note')});
  await until('two reviews are open', async () => (await gateway.get('/v1/reviews?status=open')).items.length === 2);
  await gateway.post(`/v1/consents/${EVE}/revoke`, {channel: 'call', note: hostile('revocation note')});
  return {campaign};
}

/* A receiver of events that refuses them in words of its own, at an address that is hostile as well. */
export function receiverStart() {
  return new Promise(resolve => {
    const server = createServer((request, response) => request.resume().on('end', () => response.writeHead(500, hostile('reason')).end(hostile('answer'))));
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/hook?%22%3E%3Cimg%20data-hostile%20onerror=alert(1)%3E`));
    atEnd(() => new Promise(done => { server.closeAllConnections(); server.close(done); }));
  });
}
