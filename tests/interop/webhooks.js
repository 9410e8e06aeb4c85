// Reads events by the npm package standardwebhooks: {"secret", "headers", "body" (base64)} line by line; writes
// {"event": what it verified} or {"error": why not}.
'use strict';

const readline = require('readline');
const { Webhook } = require('standardwebhooks');

readline.createInterface({ input: process.stdin }).on('line', line => {
    const { secret, headers, body } = JSON.parse(line);
    let said;
    try {
        said = { event: new Webhook(secret).verify(Buffer.from(body, 'base64'), headers) };
    } catch (error) {
        said = { error: error.message };
    }
    process.stdout.write(JSON.stringify(said) + '\n');
});
