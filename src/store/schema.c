/* The tables, as numbered migrations: each is run once, in a transaction of its own, and never
 * changed after it was released. `PRAGMA user_version` counts those that a database has been
 * through.
 *
 * Every index costs a write, and promises are written before they are answered. So a message that
 * goes out at once, by one INSERT as SENDING, stands in three trees: the table, its account's, and the
 * small one of what is being sent; when it is taken, in that of carriers' ids as well; and, later and in
 * company, in the listing of its number. Only one that has to wait stands in the
 * indices of the queue, which are partial: they hold what waits, however long the history behind it
 * is.
 */
#include "store_parts.h"

#include <stdio.h>

/* The statements write the states as numbers, since an index's condition must be met word for word.
 */
_Static_assert(MESSAGE_SCHEDULED == 1 && MESSAGE_QUEUED == 2 && MESSAGE_HELD == 3 &&
                   MESSAGE_SENDING == 4 && MESSAGE_OPEN_BELOW == 4,
               "the SQL knows these states by their numbers");
_Static_assert(MESSAGE_UNKNOWN == 6 && MESSAGE_DELIVERED == 7, "and of those that have left, this one");
_Static_assert(CONFIRMATION_PENDING == 1, "so it does this one");
_Static_assert(REVIEW_OPEN == 1, "and this one");
_Static_assert(ENROLMENT_WAITING == 1 && ENROLMENT_HELD == 2 && ENROLMENT_FINISHED == 3, "and these");
_Static_assert(COUNT_STANDS == 7, "and what they are counted as");
_Static_assert(PROGRAM_LIMIT == 8192, "and a place is a number with 13 bits of its program behind");

/* Of the ledger, which anybody may have changed: its payload where that is JSON, and its time in ms. */
#define PAYLOAD "CASE WHEN typeof(payload) = 'text' AND json_valid(payload) THEN payload END"
#define AT_MS   "(strftime('%s', ledger.at) * 1000 + substr(ledger.at, 21, 3))"

/* In a trigger of a message: there is one more of its campaign in this state. */
#define COUNT_ONE_MORE                                                                                   \
    " INSERT INTO campaign_count SELECT new.campaign, 1, new.state, 0 WHERE NOT EXISTS"                  \
    " (SELECT 1 FROM campaign_count WHERE campaign = new.campaign AND kind = 1"                          \
    " AND code = CAST(new.state AS TEXT));"                                                              \
    " UPDATE campaign_count SET count = count + 1"                                                       \
    " WHERE campaign = new.campaign AND kind = 1 AND code = CAST(new.state AS TEXT);"

static const char *const migrations[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"

    "CREATE TABLE program (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"

    "CREATE TABLE account (name TEXT PRIMARY KEY, roles TEXT NOT NULL, programs TEXT NOT NULL,"
    " key_hash BLOB NOT NULL, created_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL)"
    " WITHOUT ROWID;"

    /* Auditors read this one: its columns are promised, and docs/ledger.md says what they hold. */
    "CREATE TABLE ledger (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, program TEXT, number TEXT,"
    " payload TEXT, prev_hash TEXT, hash TEXT, number_salt TEXT, number_digest TEXT,"
    " payload_salt TEXT, payload_digest TEXT);"
    "CREATE INDEX ledger_number ON ledger (number);"
    "CREATE INDEX ledger_kind ON ledger (kind);"

    "CREATE TABLE consent (number INTEGER NOT NULL, program INTEGER NOT NULL,"
    " has_opted_in INTEGER NOT NULL, seq INTEGER NOT NULL, since INTEGER NOT NULL,"
    " collected_at INTEGER NOT NULL, lifted_seq INTEGER NOT NULL, why TEXT NOT NULL,"
    " confirmation INTEGER NOT NULL, confirmation_since INTEGER NOT NULL,"
    " confirmation_tries INTEGER NOT NULL, PRIMARY KEY (number, program)) WITHOUT ROWID;"
    "CREATE INDEX consent_unconfirmed ON consent (confirmation_since) WHERE confirmation = 1;"

    "CREATE TABLE optout (number INTEGER NOT NULL, scope INTEGER NOT NULL, name TEXT NOT NULL,"
    " seq INTEGER NOT NULL, at INTEGER NOT NULL, inbound INTEGER NOT NULL, how TEXT NOT NULL,"
    " PRIMARY KEY (number, scope, name)) WITHOUT ROWID;"

    "CREATE TABLE act (digest BLOB PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;"

    "CREATE TABLE message (id INTEGER PRIMARY KEY, tail INTEGER NOT NULL, program INTEGER NOT NULL,"
    " account TEXT NOT NULL, sender TEXT NOT NULL, number INTEGER NOT NULL,"
    " purpose INTEGER NOT NULL, is_reply INTEGER NOT NULL, state INTEGER NOT NULL,"
    " reason TEXT NOT NULL, text TEXT NOT NULL, alphabet INTEGER NOT NULL, parts INTEGER NOT NULL,"
    " reference INTEGER NOT NULL, created_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL, sent_at INTEGER NOT NULL, done_at INTEGER NOT NULL,"
    " consent_seq INTEGER NOT NULL, answers INTEGER NOT NULL, carrier TEXT NOT NULL,"
    " tries INTEGER NOT NULL, client_ref TEXT NOT NULL, wants_receipt INTEGER NOT NULL);"
    "CREATE INDEX message_number ON message (number);"
    "CREATE INDEX message_account ON message (account);"
    "CREATE INDEX message_ref ON message (client_ref) WHERE client_ref <> '';"
    "CREATE INDEX message_scheduled ON message (due_at) WHERE state = 1;"
    "CREATE INDEX message_queued ON message (program, is_reply, due_at) WHERE state = 2;"
    "CREATE INDEX message_sending ON message (state) WHERE state = 4;"
    "CREATE INDEX message_open ON message (number) WHERE state < 4;"
    "CREATE INDEX message_expiring ON message (expires_at) WHERE state < 4;"

    "CREATE TABLE part (message INTEGER NOT NULL, part INTEGER NOT NULL, state INTEGER NOT NULL,"
    " carrier TEXT NOT NULL, carrier_id TEXT NOT NULL, err TEXT NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY (message, part)) WITHOUT ROWID;"
    "CREATE INDEX part_carrier_id ON part (carrier_id, carrier, message);"

    "CREATE TABLE stray_receipt (id INTEGER PRIMARY KEY, carrier TEXT NOT NULL,"
    " carrier_id TEXT NOT NULL, state INTEGER NOT NULL, is_final INTEGER NOT NULL,"
    " err TEXT NOT NULL, at INTEGER NOT NULL);"
    "CREATE INDEX stray_carrier_id ON stray_receipt (carrier_id, carrier);"

    "CREATE TABLE event (id INTEGER PRIMARY KEY, message INTEGER NOT NULL, at INTEGER NOT NULL,"
    " what TEXT NOT NULL);"
    "CREATE INDEX event_message ON event (message);"

    "CREATE TABLE answer (account TEXT NOT NULL, key BLOB NOT NULL, body_hash BLOB NOT NULL,"
    " at INTEGER NOT NULL, http_status INTEGER NOT NULL, body TEXT NOT NULL,"
    " PRIMARY KEY (account, key)) WITHOUT ROWID;"
    "CREATE INDEX answer_at ON answer (at);"

    "CREATE TABLE inbound (id INTEGER PRIMARY KEY, tail INTEGER NOT NULL, at INTEGER NOT NULL,"
    " carrier TEXT NOT NULL, source TEXT NOT NULL, number INTEGER NOT NULL, sender TEXT NOT NULL,"
    " program INTEGER NOT NULL, text TEXT NOT NULL, verdict TEXT NOT NULL, rule TEXT NOT NULL,"
    " effect TEXT NOT NULL, ledger_seq INTEGER NOT NULL, heard_seq INTEGER NOT NULL,"
    " session INTEGER NOT NULL, digest BLOB NOT NULL);"
    "CREATE INDEX inbound_number ON inbound (number);"
    "CREATE INDEX inbound_program ON inbound (program);"
    "CREATE INDEX inbound_session ON inbound (session, at);"
    "CREATE INDEX inbound_digest ON inbound (digest, at);"

    "CREATE TABLE link (id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, began_at INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL);"
    "CREATE INDEX link_open ON link (ended_at) WHERE ended_at = 0;"

    "CREATE TABLE short_id (id INTEGER PRIMARY KEY, message INTEGER NOT NULL, at INTEGER NOT NULL);"
    "CREATE INDEX short_id_message ON short_id (message);"
    "CREATE INDEX short_id_at ON short_id (at);"

    "CREATE TABLE handover (id INTEGER PRIMARY KEY, account TEXT NOT NULL,"
    " message INTEGER NOT NULL, inbound INTEGER NOT NULL, state INTEGER NOT NULL,"
    " err TEXT NOT NULL);"
    "CREATE INDEX handover_account ON handover (account);",

    "CREATE TABLE pause (program INTEGER PRIMARY KEY, at INTEGER NOT NULL);",

    /* The part of a message that has only one moves into the message's row. */
    "ALTER TABLE message ADD COLUMN carrier_id TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE message ADD COLUMN receipt INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE message ADD COLUMN receipt_err TEXT NOT NULL DEFAULT '';"
    "UPDATE message SET (carrier_id, receipt, receipt_err) ="
    " (SELECT carrier_id, state, err FROM part WHERE message = message.id)"
    " WHERE parts = 1 AND id IN (SELECT message FROM part);"
    "DELETE FROM part WHERE message IN (SELECT id FROM message WHERE parts = 1);"
    "CREATE INDEX message_carrier_id ON message (carrier_id) WHERE carrier_id <> '';",

    /* A consent is found by one integer, which costs half of what two in an index do. */
    "CREATE TABLE consent_by_place (place INTEGER PRIMARY KEY,"
    " number INTEGER AS (place >> 13), program INTEGER AS (place & 8191),"
    " has_opted_in INTEGER NOT NULL, seq INTEGER NOT NULL, since INTEGER NOT NULL,"
    " collected_at INTEGER NOT NULL, lifted_seq INTEGER NOT NULL, why TEXT NOT NULL,"
    " confirmation INTEGER NOT NULL, confirmation_since INTEGER NOT NULL,"
    " confirmation_tries INTEGER NOT NULL);"
    "INSERT INTO consent_by_place (place, has_opted_in, seq, since, collected_at, lifted_seq, why,"
    " confirmation, confirmation_since, confirmation_tries) SELECT number << 13 | program,"
    " has_opted_in, seq, since, collected_at, lifted_seq, why, confirmation, confirmation_since,"
    " confirmation_tries FROM consent ORDER BY number, program;"
    "DROP TABLE consent;"
    "ALTER TABLE consent_by_place RENAME TO consent;"
    "CREATE INDEX consent_unconfirmed ON consent (confirmation_since) WHERE confirmation = 1;",

    /* The list of each number's messages: see store_listing.c. */
    "DROP INDEX message_number;"
    "CREATE TABLE listing (era INTEGER NOT NULL, number INTEGER NOT NULL,"
    " message INTEGER NOT NULL, PRIMARY KEY (era, number, message)) WITHOUT ROWID;"
    "INSERT INTO listing (era, number, message)"
    " SELECT (row_number() OVER (ORDER BY id) - 1) >> 14, number, id FROM message ORDER BY 1, 2, 3;"
    "INSERT INTO meta (key, value) SELECT 'listed', count(*) FROM message;"
    "INSERT INTO meta (key, value) SELECT 'listed up to', coalesce(max(id), 0) FROM message;",

    /* Texts that may have meant STOP: the row's id is the text's. */
    "ALTER TABLE consent ADD COLUMN review INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE review (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, program INTEGER NOT NULL,"
    " opened_at INTEGER NOT NULL, due_at INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " state INTEGER NOT NULL, closed_at INTEGER NOT NULL, closed_by TEXT NOT NULL,"
    " note TEXT NOT NULL);"
    "CREATE INDEX review_due ON review (due_at) WHERE state = 1;"
    "CREATE INDEX review_open ON review (number) WHERE state = 1;"
    "CREATE INDEX review_number ON review (number);",

    /* Double opt-in: the person is to answer YES. */
    "ALTER TABLE consent ADD COLUMN awaits_yes INTEGER NOT NULL DEFAULT 0;",

    /* Consent that the law of Canada calls implied ends then. */
    "ALTER TABLE consent ADD COLUMN implied_until INTEGER NOT NULL DEFAULT 0;",

    /* Seals of what was sent, and what is kept for them of tries that were not the last. There is one for
     * nearly each turn, so it must cost one page: its leaves stand in the record itself, and the record in no
     * index. A message that may still be sent needs a salt. */
    "ALTER TABLE ledger ADD COLUMN leaves BLOB;"
    "DROP INDEX ledger_number;"
    "CREATE INDEX ledger_number ON ledger (number) WHERE number IS NOT NULL;"
    "DROP INDEX ledger_kind;"
    "CREATE INDEX ledger_kind ON ledger (kind) WHERE kind <> 'seal';"
    "CREATE TABLE try (message INTEGER NOT NULL, try INTEGER NOT NULL, carrier TEXT NOT NULL,"
    " consent_seq INTEGER NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (message, try)) WITHOUT ROWID;"
    "ALTER TABLE message ADD COLUMN salt INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE message ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE message ADD COLUMN content BLOB;"
    "UPDATE message SET salt = random() & 0x3fffffffffffffff WHERE done_at = 0;"
    "CREATE INDEX act_seq ON act (seq);",

    /* Where somebody is, for the hours: what came with the opt-in that counts. */
    "ALTER TABLE consent ADD COLUMN timezone TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE consent ADD COLUMN postal_code TEXT NOT NULL DEFAULT '';"
    "UPDATE consent SET"
    " timezone = coalesce(json_extract(ledger.payload, '$.timezone'), ''),"
    " postal_code = coalesce(json_extract(ledger.payload, '$.postal_code'), '')"
    " FROM ledger WHERE ledger.seq = consent.seq AND has_opted_in = 1"
    " AND typeof(ledger.payload) = 'text' AND json_valid(ledger.payload);",

    /* What was sent to a number lately, where a cap counts it. */
    ("CREATE TABLE send (number INTEGER NOT NULL, message INTEGER NOT NULL,"
     " program INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (number, message)) WITHOUT ROWID;"),

    /* Suppressions stand among the opt-outs, so that the gate reads both at once. */
    "ALTER TABLE optout ADD COLUMN voids INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX optout_suppression ON optout (seq)"
    " WHERE voids > 0;",

    /* The language that people are answered in. */
    "ALTER TABLE consent ADD COLUMN language TEXT NOT NULL DEFAULT '';",

    /* A receipt whose id is written another way than in the submit_sm_resp is found by whom it is about. */
    "ALTER TABLE stray_receipt ADD COLUMN number INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX stray_number ON stray_receipt (number);",

    /* What waits behind one another: the messages of a program, from one sender, by one route. */
    "CREATE TABLE lane (id INTEGER PRIMARY KEY, program INTEGER NOT NULL, is_reply INTEGER NOT NULL,"
    " sender TEXT NOT NULL, route TEXT NOT NULL, UNIQUE (program, is_reply, sender, route));"
    "ALTER TABLE message ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;"
    "INSERT INTO lane (program, is_reply, sender, route)"
    " SELECT DISTINCT program, is_reply, sender, '' FROM message WHERE state < 4"
    " UNION SELECT program, is_reply, sender, '' FROM message WHERE state = 4;"
    "DROP INDEX message_queued;"
    "UPDATE message SET lane = (SELECT lane.id FROM lane WHERE lane.program = message.program"
    " AND lane.is_reply = message.is_reply AND lane.sender = message.sender) WHERE state < 4;"
    "UPDATE message SET lane = (SELECT lane.id FROM lane WHERE lane.program = message.program"
    " AND lane.is_reply = message.is_reply AND lane.sender = message.sender) WHERE state = 4;"
    "CREATE INDEX message_queued ON message (lane, due_at) WHERE state = 2;"
    "CREATE TABLE brand_day (brand TEXT NOT NULL, day INTEGER NOT NULL, parts INTEGER NOT NULL,"
    " PRIMARY KEY (brand, day)) WITHOUT ROWID;",

    /* Which of a program's senders a person knows: place as in `consent`. */
    ("CREATE TABLE known_sender (place INTEGER PRIMARY KEY,"
     " sender TEXT NOT NULL);"),
    /* How a sender on SMPP names a message, where its own row doesn't say it. */
    "CREATE TABLE submit (message INTEGER PRIMARY KEY, multi INTEGER NOT NULL,"
    " data_coding INTEGER NOT NULL, service_type TEXT NOT NULL, replaced_at INTEGER NOT NULL);"
    "CREATE INDEX submit_multi ON submit (multi) WHERE multi <> 0;",

    /* Texts that came in parts: a set has the id of its text. */
    "ALTER TABLE inbound ADD COLUMN state INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE inbound ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE inbound ADD COLUMN parts_came INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE inbound ADD COLUMN ports INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE inbound_set (id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, number INTEGER NOT NULL,"
    " source TEXT NOT NULL, sender TEXT NOT NULL, kind INTEGER NOT NULL, reference INTEGER NOT NULL,"
    " parts INTEGER NOT NULL, is_open INTEGER NOT NULL, due_at INTEGER NOT NULL);"
    "CREATE INDEX inbound_set_number ON inbound_set (number, reference);"
    "CREATE INDEX inbound_set_open ON inbound_set (number) WHERE is_open = 1;"
    "CREATE INDEX inbound_set_due ON inbound_set (is_open, due_at);"
    "CREATE TABLE inbound_part (inbound INTEGER NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL,"
    " session INTEGER NOT NULL, esm_class INTEGER NOT NULL, data_coding INTEGER NOT NULL,"
    " octets BLOB NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (inbound, part)) WITHOUT ROWID;",

    /* Being throttled is no try (F132), so tries don't tell how often a message may still be tried. */
    "ALTER TABLE message ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX message_refused ON message (id) WHERE state = 2 AND refusals > 0;",

    /* Until when a receipt is waited for; 0: nobody does, which costs no index. */
    "ALTER TABLE message ADD COLUMN receipt_by INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX message_receipt_by ON message (receipt_by) WHERE receipt_by > 0;",

    /* What messages carry that is no text. */
    "ALTER TABLE message ADD COLUMN cargo TEXT NOT NULL DEFAULT '';",

    /* Octets from handsets that are no text: what was made of them for people is in the row itself. */
    ("CREATE TABLE inbound_data (inbound INTEGER PRIMARY KEY, data_coding INTEGER NOT NULL,"
     " octets BLOB NOT NULL);"),

    /* Sources that are no numbers have 0 in common: they are found by their text. */
    "DROP INDEX inbound_set_number;"
    "DROP INDEX inbound_set_open;"
    "CREATE INDEX inbound_set_source ON inbound_set (number, reference, source);"
    "CREATE INDEX inbound_set_open ON inbound_set (number, source) WHERE is_open = 1;",

    /* An account may have several keys at a time, and each was used last at some time: those of the config too, so
     * uses stand by themselves. */
    "CREATE TABLE account_key (account TEXT NOT NULL, hash BLOB NOT NULL, created_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL, PRIMARY KEY (account, hash)) WITHOUT ROWID;"
    "INSERT INTO account_key (account, hash, created_at, ends_at)"
    " SELECT name, key_hash, created_at, 0 FROM account;"
    "ALTER TABLE account DROP COLUMN key_hash;"
    "CREATE TABLE key_use (account TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY (account, key)) WITHOUT ROWID;",

    /* The answers to a batch are kept slice by slice, with the rows that they are of. */
    "ALTER TABLE answer ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE answer_rows (account TEXT NOT NULL, key BLOB NOT NULL, first INTEGER NOT NULL,"
    " count INTEGER NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, key, first));"
    "CREATE INDEX answer_rows_at ON answer_rows (at);",

    /* How fast and how much an account may hand in, and how much of it a day has had. */
    "ALTER TABLE account ADD COLUMN throughput INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN quota INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN quota_timezone TEXT NOT NULL DEFAULT 'UTC';"
    "CREATE TABLE account_day (account TEXT NOT NULL, day INTEGER NOT NULL, parts INTEGER NOT NULL,"
    " PRIMARY KEY (account, day)) WITHOUT ROWID;",

    /* Campaigns. A recipient's id is its campaign's serial and, in the 32 bits behind it, its row: so rows that come are
     * put behind each other, and a page holds neighbours. What became of messages is counted by triggers, so that every
     * move of a message is counted whoever makes it. */
    "CREATE TABLE campaign (serial INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, tail INTEGER NOT NULL,"
    " account TEXT NOT NULL, program INTEGER NOT NULL, name TEXT NOT NULL, sender TEXT NOT NULL,"
    " text TEXT NOT NULL, encoding INTEGER NOT NULL, rate_milli INTEGER NOT NULL, start_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL, hours TEXT NOT NULL, start_local INTEGER NOT NULL,"
    " is_dry_run INTEGER NOT NULL, client_ref TEXT NOT NULL, created_at INTEGER NOT NULL,"
    " state INTEGER NOT NULL, paused_from INTEGER NOT NULL, why TEXT NOT NULL, started_at INTEGER NOT NULL,"
    " done_at INTEGER NOT NULL, form INTEGER NOT NULL, header TEXT NOT NULL, octets INTEGER NOT NULL,"
    " rows INTEGER NOT NULL, recipients INTEGER NOT NULL, doubles INTEGER NOT NULL, bad INTEGER NOT NULL,"
    " place INTEGER NOT NULL, handed_in INTEGER NOT NULL, accepted INTEGER NOT NULL, parts INTEGER NOT NULL,"
    " checked_at INTEGER NOT NULL, is_withdrawing INTEGER NOT NULL);"
    "CREATE INDEX campaign_account ON campaign (account);"
    "CREATE INDEX campaign_active ON campaign (state) WHERE state < 6 OR is_withdrawing = 1;"
    "CREATE TABLE recipient (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, status INTEGER NOT NULL,"
    " fields TEXT NOT NULL, message INTEGER NOT NULL, due_at INTEGER NOT NULL, code TEXT NOT NULL,"
    " detail TEXT NOT NULL);"
    "CREATE INDEX recipient_number ON recipient (number) WHERE number > 0;"
    "CREATE INDEX recipient_later ON recipient (id >> 32, due_at) WHERE status = 1;"
    "CREATE TABLE campaign_count (campaign INTEGER NOT NULL, kind INTEGER NOT NULL, code TEXT NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY (campaign, kind, code)) WITHOUT ROWID;"
    "ALTER TABLE message ADD COLUMN campaign INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX message_campaign ON message (campaign) WHERE campaign > 0;"
    "CREATE INDEX message_campaign_open ON message (campaign, state, due_at) WHERE campaign > 0 AND state < 4;"
    "CREATE TRIGGER message_campaign_put AFTER INSERT ON message WHEN new.campaign > 0 BEGIN"
    " INSERT INTO campaign_count VALUES (new.campaign, 1, new.state, 1)"
    " ON CONFLICT (campaign, kind, code) DO UPDATE SET count = count + 1; END;"
    "CREATE TRIGGER message_campaign_move AFTER UPDATE OF state ON message"
    " WHEN new.campaign > 0 AND new.state <> old.state BEGIN"
    " UPDATE campaign_count SET count = count - 1"
    " WHERE campaign = new.campaign AND kind = 1 AND code = CAST(old.state AS TEXT);"
    " INSERT INTO campaign_count VALUES (new.campaign, 1, new.state, 1)"
    " ON CONFLICT (campaign, kind, code) DO UPDATE SET count = count + 1; END;",

    /* Who else is told of a message than its account's receiver, and what waits to be posted: store_webhook.c. */
    "CREATE TABLE callback (message INTEGER PRIMARY KEY, form INTEGER NOT NULL, mask INTEGER NOT NULL,"
    " method TEXT NOT NULL, url TEXT NOT NULL, extra TEXT NOT NULL);"
    "CREATE TABLE webhook (id INTEGER PRIMARY KEY, tail INTEGER NOT NULL, account TEXT NOT NULL,"
    " origin TEXT NOT NULL, line INTEGER NOT NULL, number INTEGER NOT NULL, type TEXT NOT NULL,"
    " form INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, done_at INTEGER NOT NULL, tries INTEGER NOT NULL, status INTEGER NOT NULL,"
    " why TEXT NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX webhook_ready ON webhook (account, origin, due_at) WHERE state = 2;"
    "CREATE INDEX webhook_line ON webhook (line, account, id) WHERE state < 3;"
    "CREATE INDEX webhook_open ON webhook (account, id) WHERE state < 3;"
    "CREATE INDEX webhook_dead ON webhook (account, id) WHERE state = 4;"
    "CREATE INDEX webhook_delivered ON webhook (account, id) WHERE state = 3;"
    "CREATE INDEX webhook_done ON webhook (state, done_at) WHERE state > 2;"
    "CREATE INDEX webhook_number ON webhook (number) WHERE number > 0;",

    /* Events are listed whatever became of them. */
    ("DROP INDEX webhook_delivered;"
     "CREATE INDEX webhook_account ON webhook (account, id);"),

    /* Sequences: campaigns of steps, and who stands where in them. How many do is counted by triggers. */
    "ALTER TABLE campaign ADD COLUMN step_count INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE campaign_step (campaign INTEGER NOT NULL, step INTEGER NOT NULL, after_ms INTEGER NOT NULL,"
    " hours TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (campaign, step)) WITHOUT ROWID;"
    "CREATE TABLE enrolment (id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL, number INTEGER NOT NULL,"
    " status INTEGER NOT NULL, step INTEGER NOT NULL, reason TEXT NOT NULL, seq INTEGER NOT NULL,"
    " entered_at INTEGER NOT NULL, due_at INTEGER NOT NULL, message INTEGER NOT NULL,"
    " stands TEXT NOT NULL GENERATED ALWAYS AS (CASE status WHEN 1 THEN 'waiting ' || step WHEN 2 THEN 'held ' || step"
    " WHEN 3 THEN 'finished' ELSE 'ended ' || reason END) VIRTUAL);"
    "CREATE UNIQUE INDEX enrolment_number ON enrolment (number, campaign) WHERE number > 0;"
    "CREATE INDEX enrolment_campaign ON enrolment (campaign);"
    "CREATE INDEX enrolment_due ON enrolment (campaign, due_at) WHERE status = 1;"
    "CREATE INDEX enrolment_held ON enrolment (campaign) WHERE status = 2;"
    "CREATE TRIGGER enrolment_put AFTER INSERT ON enrolment BEGIN"
    " INSERT INTO campaign_count VALUES (new.campaign, 7, new.stands, 1)"
    " ON CONFLICT (campaign, kind, code) DO UPDATE SET count = count + 1; END;"
    "CREATE TRIGGER enrolment_move AFTER UPDATE ON enrolment WHEN new.stands <> old.stands BEGIN"
    " UPDATE campaign_count SET count = count - 1 WHERE campaign = new.campaign AND kind = 7 AND code = old.stands;"
    " INSERT INTO campaign_count VALUES (new.campaign, 7, new.stands, 1)"
    " ON CONFLICT (campaign, kind, code) DO UPDATE SET count = count + 1; END;",

    /* How many of a campaign wait is asked in each of its turns, and mostly ends at the limit. */
    "CREATE INDEX message_campaign_queued ON message (campaign, due_at) WHERE campaign > 0 AND state = 2;",

    /* What is over of a receiver that is dead is found without a look at what isn't. */
    "CREATE INDEX webhook_until ON webhook (account, origin, until) WHERE state = 2;",
    /* What accounts log in to the console with: scrypt of it. */
    "CREATE TABLE password (account TEXT PRIMARY KEY, salt BLOB NOT NULL, hash BLOB NOT NULL, log_n INTEGER NOT NULL,"
    " r INTEGER NOT NULL, p INTEGER NOT NULL, set_at INTEGER NOT NULL) WITHOUT ROWID;",

    /* The block log, found by what a block says beside its number: each class is a program, an account and a code, and there are
     * few; in the hours of block_hour lie the records from first to last, whatever the clock did. And how many of what happened in
     * each hour and day. The tables say nothing that the ledger doesn't. */
    "CREATE TABLE block_class (id INTEGER PRIMARY KEY, program TEXT NOT NULL, account TEXT NOT NULL,"
    " code TEXT NOT NULL, UNIQUE (program, account, code));"
    "CREATE TABLE block (class INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY (class, seq)) WITHOUT ROWID;"
    "CREATE TABLE block_hour (hour INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);"
    "CREATE TABLE activity (step INTEGER NOT NULL, at INTEGER NOT NULL, program TEXT NOT NULL, what TEXT NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY (step, at, program, what)) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO block_class (program, account, code)"
    " SELECT coalesce(program, ''), coalesce(" PAYLOAD " ->> 'account', ''), coalesce(" PAYLOAD " ->> 'code', '')"
    " FROM ledger WHERE kind = 'block' AND kind <> 'seal';"
    "INSERT INTO block (class, seq, at) SELECT id, seq, " AT_MS " FROM ledger JOIN block_class ON"
    " block_class.program = coalesce(ledger.program, '') AND account = coalesce(" PAYLOAD " ->> 'account', '')"
    " AND code = coalesce(" PAYLOAD " ->> 'code', '')"
    " WHERE kind = 'block' AND kind <> 'seal' AND " AT_MS " IS NOT NULL;"
    "INSERT INTO block_hour SELECT at / 3600000, seq, seq FROM block WHERE true ON CONFLICT (hour) DO UPDATE SET"
    " first = min(first, excluded.first), last = max(last, excluded.last);"
    "INSERT INTO activity SELECT 3600, at / 3600000 * 3600000, program, code, 1 FROM block_class JOIN block"
    " ON class = block_class.id WHERE code <> '' ON CONFLICT (step, at, program, what) DO UPDATE SET count = count + 1;"
    "INSERT INTO activity SELECT 3600, at / 3600000 * 3600000, program, what, 1 FROM"
    " (SELECT " AT_MS " AS at, coalesce(program, '') AS program, CASE WHEN kind = 'opt_out' THEN kind"
    " WHEN " PAYLOAD " -> 'effect' LIKE '%\"asks\"%' THEN NULL"
    " WHEN " PAYLOAD " ->> 'restores' = 1 OR " PAYLOAD " -> 'effect' LIKE '%\"opts_in\"%' THEN 'opt_in' END AS what"
    " FROM ledger WHERE kind IN ('opt_out', 'opt_in', 'registration') AND kind <> 'seal')"
    " WHERE at IS NOT NULL AND what IS NOT NULL ON CONFLICT (step, at, program, what) DO UPDATE SET count = count + 1;"
    "INSERT INTO activity SELECT 86400, at / 86400000 * 86400000, program, what, sum(count) FROM activity"
    " WHERE step = 3600 GROUP BY 2, 3, 4;",

    /* Who looked at which person, and who changed what. */
    "CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, account TEXT NOT NULL, is_session INTEGER NOT NULL,"
    " address TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, number INTEGER NOT NULL, status INTEGER NOT NULL);"
    "CREATE INDEX audit_account ON audit (account);"
    "CREATE INDEX audit_number ON audit (number) WHERE number > 0;",

    /* Reviews are listed by where they stand: the few that are to be read, and the many that were. */
    "CREATE INDEX review_unread ON review (id) WHERE state = 1;"
    "CREATE INDEX review_closed ON review (state) WHERE state > 1;",

    /* Whether a listing was looked at lately by the same. */
    "CREATE INDEX audit_listing ON audit (account, action) WHERE number = 0;",

    /* The same counts, by an update and, the first time, a row: an upsert can abort, and SQLite would keep the pages of every
     * statement that moves a message, of a campaign or not, to be able to take it back. A turn is taken back whole. */
    "DROP TRIGGER message_campaign_put;"
    "DROP TRIGGER message_campaign_move;"
    "CREATE TRIGGER message_campaign_put AFTER INSERT ON message WHEN new.campaign > 0 BEGIN" COUNT_ONE_MORE " END;"
    "CREATE TRIGGER message_campaign_move AFTER UPDATE OF state ON message"
    " WHEN new.campaign > 0 AND new.state <> old.state BEGIN"
    " UPDATE campaign_count SET count = count - 1"
    " WHERE campaign = new.campaign AND kind = 1 AND code = CAST(old.state AS TEXT);" COUNT_ONE_MORE " END;",
};

#define NEWEST ((int)(sizeof migrations / sizeof *migrations))

/* The schema's version, and whether there are tables at all. False: no database. */
static bool schema_read(struct store *store, int64_t *version, bool *has_tables,
                        char error[STORE_ERROR_SIZE])
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(store->db,
                                    "SELECT (SELECT user_version FROM pragma_user_version),"
                                    " EXISTS (SELECT 1 FROM sqlite_schema)",
                                    -1, &statement, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        *version = sqlite3_column_int64(statement, 0);
        *has_tables = sqlite3_column_int(statement, 1) != 0;
    } else {
        sql_fault(store, "reading the schema");
        snprintf(error, STORE_ERROR_SIZE,
                 status == SQLITE_NOTADB ? "%.180s is not a database"
                                         : "%.180s can't be read: %.100s",
                 store->path, sqlite3_errmsg(store->db));
    }
    sqlite3_finalize(statement);
    return status == SQLITE_ROW;
}

bool schema_check(struct store *store, char error[STORE_ERROR_SIZE])
{
    int64_t version = 0;
    bool has_tables = false;
    if (!schema_read(store, &version, &has_tables, error))
        return false;
    if (version >= 0 && version <= NEWEST)
        return true;
    snprintf(error, STORE_ERROR_SIZE,
             "%.180s has schema %d, made by a newer assent: this one knows those up to %d",
             store->path, (int)version, NEWEST);
    return false;
}

static bool migrate_one(struct store *store, int version, char error[STORE_ERROR_SIZE])
{
    char done[64];
    snprintf(done, sizeof done, "PRAGMA user_version = %d; COMMIT", version);
    if (sql_run(store, "BEGIN IMMEDIATE") && sql_run(store, migrations[version - 1]) &&
        sql_run(store, done))
        return true;
    snprintf(error, STORE_ERROR_SIZE, "%.120s: schema %d can't be made: %.100s", store->path,
             version, store->fault);
    return false;
}

bool schema_migrate(struct store *store, char error[STORE_ERROR_SIZE])
{
    int64_t version = 0;
    bool has_tables = false;
    if (!schema_check(store, error) || !schema_read(store, &version, &has_tables, error))
        return false;
    if (version == 0 && has_tables) {
        snprintf(error, STORE_ERROR_SIZE, "%.180s is a database of something else", store->path);
        return false;
    }
    while (version < NEWEST)
        if (!migrate_one(store, (int)++version, error))
            return false;
    return true;
}
