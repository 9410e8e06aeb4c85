/* The table of commands, and what each says about itself. */
#include "cli/cli.h"

#define ASKS                                                                                       \
    "  --url URL         the gateway (or ASSENT_URL; http://127.0.0.1:8080)\n"                     \
    "  --key KEY         an API key (or ASSENT_API_KEY)\n"                                         \
    "  --ca FILE         whom an https gateway is believed by (or ASSENT_CA; the system's)\n"
#define LISTS "  --json, --csv     for programs, instead of a table\n"

static const char serve_help[] =
    "usage: assent serve -c FILE\n\n"
    "Runs the gateway in the foreground. The first line on stdout, once it accepts work, is\n"
    "\"assent ready http=HOST:PORT smpp=HOST:PORT\"; its log goes to stderr.\n\n"
    "  -c FILE, --config FILE\n"
    "                    the configuration\n\n"
    "SIGTERM ends it in order, a second one at once. SIGHUP reads the configuration anew, and the\n"
    "files of TLS with it, also where only what is in them is another. Messages stay, and so do the\n"
    "binds of every carrier that is the same; a carrier with another host, login or certificate file\n"
    "awaits its open answers, unbinds and binds anew; one that is gone from the file likewise leaves.\n"
    "`listen`, `database` and `signing_key` need a restart. What can't be used leaves all in force as\n"
    "it was, and the log says why.\n\n"
    "Example:\n"
    "  assent check-config -c conf/assent.conf && assent serve -c conf/assent.conf\n";

static const char check_config_help[] =
    "usage: assent check-config -c FILE | --reference\n\n"
    "Reads a configuration as `serve` does, and says what is wrong with file and line. Exit 1 if\n"
    "anything is.\n\n"
    "  -c FILE, --config FILE\n"
    "                    the configuration\n"
    "  --reference       prints all settings, as Markdown\n\n"
    "Example:\n"
    "  assent check-config -c conf/assent.conf\n";

static const char demo_help[] =
    "usage: assent demo [--keep]\n\n"
    "A whole world on this machine: a simulated carrier with phones, a gateway on a temporary\n"
    "database, a program and a list of leads. Walks through opt-in, confirmation, send, block,\n"
    "HELP, STOP and the block after STOP, and holds what the gateway says against what the\n"
    "phones heard. No text leaves the machine. Exit 1 if anything isn't as it says.\n\n"
    "  --keep            leaves it running until ^C, with its form and commands to try\n\n"
    "Example:\n"
    "  assent demo\n";

static const char sim_help[] =
    "usage: assent sim [OPTIONS]\n\n"
    "The simulated carrier (SMSC): takes binds, answers submits, sends receipts and what its\n"
    "phones write. Commands come on stdin, or on the control port.\n\n"
    "  --listen HOST:PORT    SMPP (127.0.0.1:2775; port 0 takes a free one)\n"
    "  --control HOST:PORT   commands, a line each; none unless named\n"
    "  --system-id ID, --password PASSWORD\n"
    "                        who may bind; anyone unless named\n"
    "  --receipt-after MS    how long until the receipt (500)\n"
    "  --json, --quiet       events as JSON, or none\n\n"
    "How badly it behaves (docs/sim.md; `set KNOB VALUE` while it runs):\n"
    "  --latency MS[..MS]    how long until the answer to a submit (0)\n"
    "  --rate N              parts a second, above it ESME_RTHROTTLED\n"
    "  --errors STATUS:PERCENT,...\n"
    "  --drop-every N, --drop-after MS\n"
    "  --receipts late:MS|double|none|mangle:FORM, each with @PERCENT or without\n"
    "  --digits              the number's last digits decide (...0001 is undelivered)\n"
    "  --seed N              where chance begins\n\n"
    "Commands: mo FROM TO [OPTIONS] TEXT; messages [NUMBER]; count NUMBER; status;\n"
    "receipts on|off|STATE; refuse STATUS [N]; set KNOB VALUE; show; pause [reading|writing];\n"
    "resume; drop [BIND]; quit\n\n"
    "Example:\n"
    "  echo 'mo +14155550123 +12065550100 STOP' | nc -N 127.0.0.1 2779\n";

/* What a campaign may be told, by `send` and by `campaign create`. */
#define CAMPAIGN_ORDERS                                                                            \
    "  --rate N          message parts a second at most, as in 20 or 0.5\n"                        \
    "  --start-at TIME   not before, RFC 3339\n"                                                   \
    "  --ends-at TIME    nobody is texted after it\n"                                              \
    "  --window HOURS    09:00-18:00, on the recipient's clock: outside of it a recipient waits\n" \
    "  --start-at-local TIME\n"                                                                    \
    "                    2026-11-29T10:00: not before that on the recipient's clock\n"             \
    "  --encoding auto|gsm7|ucs2\n"                                                                \
    "                    of the text (auto)\n"                                                     \
    "  --client-ref REF  your own name for it\n"

static const char send_help[] =
    "usage: assent send --program P --to NUMBER --text TEXT [OPTIONS]\n"
    "       assent send --program P --csv FILE --text TEXT [OPTIONS]\n"
    "       assent send --csv FILE --resume ID [OPTIONS]\n\n"
    "One message, or a campaign to every row of a CSV file. The gateway decides about each: what it\n"
    "blocks and refuses is counted, with the reason. A number gets one text, however many rows\n"
    "name it. A file is loaded in pieces, and then sent as fast as carriers take it; the command\n"
    "returns when each row is accepted or refused. ^C while the file is loaded sends nothing, and\n"
    "says how to go on; later it leaves the campaign to go on by itself, and says how to look on,\n"
    "pause or cancel it (`assent help campaign`). Where an answer is lost, it is asked again in a way\n"
    "that texts nobody twice; what can't be found out is said not to be known (exit 1).\n\n"
    "  --program P       the program (with --to it may be left out where --from says it)\n"
    "  --to NUMBER       one recipient; the text is sent as it is\n"
    "  --csv FILE        recipients: the column `phone`; - reads stdin; a name that ends in .ndjson or\n"
    "                    .jsonl: a JSON object a line\n"
    "  --text TEXT       with --csv, {column} stands for the row's value, {{ for a brace\n"
    "  --from SENDER     the sender; else the program's first\n"
    "  --name NAME       of the campaign; else the file's\n" CAMPAIGN_ORDERS
    "  --unsent FILE     a CSV file that gets every row that is blocked or refused\n"
    "  --dry-run         says what the gate would do, and sends nothing\n"
    "  --wait            returns when all is final\n"
    "  --wait-for SECONDS\n"
    "                    how long a receipt may take after the carrier took the text (30)\n"
    "  --strict          exit 1 if a row is blocked or refused\n"
    "  --verbose         lists every row that is blocked or refused, not only the first 20\n"
    "                    refused\n"
    "  --resume ID       goes on with a campaign where loading its file was broken off; the same file,\n"
    "                    or with - the same input from its beginning\n"
    "  --idempotency-key KEY\n"
    "                    the same command with the same key goes on where the earlier one ended:\n"
    "                    within 24 hours nobody is texted twice\n"
    "  --json            the result as JSON\n" ASKS "\nExamples:\n"
    "  assent send --program new-lead-nurture --to +14155550123 --text 'Your tour is at 3 pm.'\n"
    "  assent send --program new-lead-nurture --csv leads.csv --dry-run --unsent unsent.csv \\\n"
    "      --text 'Hi {first_name}, still looking for a home?'\n"
    "  assent send --program new-lead-nurture --csv leads.csv --rate 20 --window 09:00-18:00 \\\n"
    "      --text 'Hi {first_name}, still looking for a home?'\n";

static const char campaign_help[] =
    "usage: assent campaign create --name NAME --program P --text TEXT [OPTIONS]\n"
    "       assent campaign create --name NAME --program P --steps FILE [--restart] [OPTIONS]\n"
    "       assent campaign upload ID FILE\n"
    "       assent campaign start ID [--dry-run]\n"
    "       assent campaign pause|resume|cancel ID\n"
    "       assent campaign watch ID\n"
    "       assent campaign show ID\n"
    "       assent campaign recipients ID [--status STATUS] [--limit N]\n"
    "       assent campaign enrolments ID [--status STATUS] [--limit N]\n"
    "       assent campaign list [--program P] [--state STATE] [--limit N]\n\n"
    "One text to many people, step by step; `assent send --csv` takes all steps at once\n"
    "(docs/campaigns.md). With steps it is a sequence for those who opt in (docs/sequences.md).\n\n"
    "create  prints the id of the new campaign, and sends nothing.\n"
    "upload  sends the file of its recipients (CSV, or NDJSON by its name), and goes on where it was.\n"
    "start   begins to send, or only checks.\n"
    "pause   nothing of it leaves until it is resumed.\n"
    "resume  goes on.\n"
    "cancel  ends it: what is queued is withdrawn.\n"
    "watch   shows how far it is until it is done: a bar, the rate and the time left; where stderr is no\n"
    "        terminal, a line now and then.\n"
    "show    what was asked for, and what came of it so far.\n"
    "recipients  what became of each.\n"
    "enrolments  who stands where in a sequence.\n"
    "list    the campaigns of the key's account, newest first.\n\n"
    "  --name NAME       what people call it\n"
    "  --program P       whose program\n"
    "  --text TEXT       {column} stands for a recipient's value, {{ for a brace\n"
    "  --steps FILE      in place of --text: JSON, as [{\"after\": \"10m\", \"text\": \"Hi\"}, ...]\n"
    "  --restart         of steps: who left and opts in again begins anew\n"
    "  --from SENDER     the sender; else the program's first\n" CAMPAIGN_ORDERS
    "  --dry-run         of create: it can only be checked; of start: checks what the gate would do\n"
    "  --state STATE     of list: loading, checking, scheduled, running, paused, done or cancelled\n"
    "  --status STATUS   of recipients: waiting, blocked, refused, bad, double, or a message's; of\n"
    "                    enrolments: waiting, held, finished or ended\n"
    "  --limit N         of lists: at most so many (50); 0: all\n" LISTS ASKS "\nExamples:\n"
    "  ID=$(assent campaign create --name Spring --program new-lead-nurture --text 'Hi {first_name}')\n"
    "  assent campaign upload $ID leads.csv && assent campaign start $ID && assent campaign watch $ID\n"
    "  assent campaign recipients $ID --status blocked --limit 0 --csv > blocked.csv\n";

static const char message_help[] =
    "usage: assent message show ID\n"
    "       assent message list [OPTIONS]\n"
    "       assent message cancel ID...\n\n"
    "show    what became of a message: its parts as the carrier tells of them, its events, and the\n"
    "        record of the consent that allowed it.\n"
    "list    the messages of the key's account, or of its programs; newest first.\n"
    "cancel  takes back what hasn't left. Each stands alone; exit 1 if one couldn't be.\n\n"
    "  --to NUMBER       to one recipient\n"
    "  --status STATUS   scheduled, queued, held, sending, sent, unknown, delivered, failed,\n"
    "                    expired, cancelled or blocked\n"
    "  --client-ref REF  that were given this reference\n"
    "  --campaign ID     of one campaign\n"
    "  --limit N         at most so many (50); 0: all\n" LISTS ASKS "\nExamples:\n"
    "  assent message list --to '(415) 555-0123' --status failed\n"
    "  assent message show 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\n";

static const char consent_help[] =
    "usage: assent consent show NUMBER [--db FILE]\n"
    "       assent consent grant NUMBER --program P --opted-in yes|no --source SOURCE [FIELDS]\n"
    "       assent consent revoke NUMBER (--program P | --all) --channel CHANNEL [--note TEXT]\n"
    "       assent consent erase NUMBER [--before-term]\n"
    "       assent consent import FILE --program P [--strict] [--verbose] [--json]\n"
    "       assent consent export [--program P] [--state S] [--since T] [--expires-before T]\n\n"
    "show    where a number stands in each program and why, with its history. --db reads a\n"
    "        database file, with or without a gateway running on it; -c names the file of the\n"
    "        configuration.\n"
    "grant   records what a person did at a form: FIELDS are those of POST /v1/consents, by the same\n"
    "        rules.\n"
    "revoke  records a revocation that came another way: CHANNEL is call, email, web, letter\n"
    "        or other.\n"
    "erase   takes a person's number, texts and payloads out of the database, at their request. The\n"
    "        ledger still verifies, and who is out stays out: opt-outs are kept by number.\n"
    "        --before-term does so though the law's five years aren't over.\n"
    "import  reads registrations from a CSV file: phone, sms_opt_in (yes/no), and the fields of\n"
    "        grant by their names in the API (source, form_url, ...); other columns are ignored.\n"
    "        - reads stdin. Each row stands alone; a bad one is reported with its line.\n"
    "        --strict makes a refused row exit 1. The same file again changes nothing.\n"
    "export  who stands where, as CSV: of a program, in a state (opted_in, opted_out, ...), since a\n"
    "        time, or about to expire before one.\n\n"
    "  --db FILE         of show: a database file, with or without a gateway running on it\n"
    "  -c FILE           of show: the configuration that names the database\n"
    "  --phone NUMBER    another way to say the number\n"
    "  --verbose         of import: lists every row that is refused, not only the first 20\n" ASKS
    "  --json            the result as JSON\n\n"
    "FIELDS of grant:\n\n"
#define EVIDENCE(name, most, option, sentence) "  " option " TEXT\n                    " sentence "\n"
#include "proto/evidence.def"
    "\nExamples:\n"
    "  assent consent import leads.csv --program new-lead-nurture\n"
    "  assent consent show '(415) 555-0123'\n"
    "  assent consent export --program new-lead-nurture --state opted_in > eligible.csv\n"
    "  assent consent revoke +14155550123 --all --channel call --note 'asked on the phone'\n";

static const char blocks_help[] =
    "usage: assent blocks [OPTIONS]\n\n"
    "The block log: every message that the gateway refused to send, newest first.\n\n"
    "  --since TIME, --until TIME\n"
    "                    RFC 3339, or how long ago: 30m, 24h, 7d\n"
    "  --number NUMBER   of one recipient\n"
    "  --program P, --account NAME, --reason CODE\n"
    "  --limit N         at most so many; all unless named\n"
    "  --db FILE         from a database file, with or without a gateway running on it\n"
    "  -c FILE           from the database that this configuration names\n" LISTS ASKS
    "\nExamples:\n"
    "  assent blocks --since 24h --reason opted_out\n"
    "  assent blocks --db assent.db --csv > blocks.csv\n";

static const char proof_help[] =
    "usage: assent proof NUMBER [--json] [--output FILE] [--db FILE]\n\n"
    "The consent packet of a number: what the person saw and did, every text that was sent with the\n"
    "record that allowed it, every reply and every block, and the digests that tie them to the\n"
    "ledger: one HTML page that needs nothing else and prints well. A gateway gives the newest 200\n"
    "of each, of the programs of the key's account; a database file gives all.\n\n"
    "  --html            as one page of HTML, which it is where nothing else is said\n"
    "  --json            as JSON, which `assent ledger verify --file` checks\n"
    "  --output FILE     there, instead of to stdout\n"
    "  --db FILE         from a database file, with or without a gateway running on it\n"
    "  -c FILE           from the database that this configuration names\n" ASKS "\nExamples:\n"
    "  assent proof +14155550123 --output packet.html\n"
    "  assent proof +14155550123 --db assent.db --json --output packet.json\n"
    "  assent ledger verify --file packet.json --public-key ledger.pub.pem\n";

static const char ledger_help[] =
    "usage: assent ledger verify [--db FILE | --file EXPORT] [--head SEQ:HASH] [--public-key FILE]\n"
    "       assent ledger export [--db FILE]\n\n"
    "verify  checks the whole chain, without a gateway. Exit 1 where it is broken, with the first\n"
    "        bad one as `record SEQ`. Of a database it also checks the messages against their seals\n"
    "        and who is in or out against the records. With a head that was kept elsewhere it finds\n"
    "        a tail cut off and a chain written anew; with the public key whatever the key didn't\n"
    "        sign, up to its newest signature.\n"
    "export  writes the ledger to stdout as NDJSON; verify --file checks it anywhere.\n\n"
    "  --db FILE         the database (assent.db)\n"
    "  -c FILE           the configuration that names the database\n"
    "  --file EXPORT     an export, - reads stdin; or a packet of `assent proof --json`\n"
    "  --head SEQ:HASH   as `serve` logs it, and verify prints it\n"
    "  --public-key FILE of the signing_key in the configuration: `openssl pkey -pubout` makes it\n\n"
    "Examples:\n"
    "  assent ledger verify --db assent.db\n"
    "  assent ledger export > ledger.ndjson && assent ledger verify --file ledger.ndjson\n";

static const char classify_help[] =
    "usage: assent classify [--json] < TEXTS\n"
    "       assent classify --lists\n\n"
    "Reads inbound texts, one a line, and prints what the gateway would take each for: opt_out,\n"
    "opt_in, help, review or none, a TAB, the rule that said so (- for none), a TAB, the text.\n\n"
    "  --json            an object a line: also the version of the lists, and the language\n"
    "  --lists           the version of the lists and the digest of their rows, no texts\n\n"
    "Example:\n"
    "  echo 'please stop texting me' | assent classify\n";

static const char pdu_help[] = "usage: assent pdu < TRACE\n\n"
                               "Reads SMPP PDUs as hexadecimal, one a line (blanks are ignored), "
                               "and prints each as a line of\n"
                               "JSON. Exit 1 if one can't be read.\n\n"
                               "Example:\n"
                               "  echo 00000010000000150000000000000001 | assent pdu\n";

static const char status_help[] =
    "usage: assent status [--watch] [--json]\n\n"
    "What a running gateway does: its queue, its carriers and their binds, its ledger.\n\n"
    "  --watch           again each second, on a terminal, until ^C\n"
    "  --json            as the API says it\n" ASKS "\nExample:\n"
    "  assent status --watch\n";

static const char account_help[] =
    "usage: assent account add NAME --roles ROLES --programs PROGRAMS\n"
    "       assent account list\n"
    "       assent account set NAME [--roles ROLES] [--programs PROGRAMS] [--throughput N] [--quota N]\n"
    "       assent account rotate NAME [--overlap SPAN]\n"
    "       assent account revoke NAME [--key-id ID]\n"
    "       assent account password NAME [--remove]\n\n"
    "Accounts beside those of the configuration; needs a key with the role admin. A key is shown once:\n"
    "the gateway keeps only its hash, and names it by the first 8 hexadecimal digits of that.\n\n"
    "set     changes what is named, and leaves the rest.\n"
    "rotate  makes another key; those that the account has are good for the overlap, and then end.\n"
    "revoke  ends one key at once, or all of the account, for good.\n"
    "password  is what somebody logs in to the console with, by an account of role compliance or admin, of\n"
    "        the configuration too: asked for twice on a terminal, else the first line of standard input.\n\n"
    "  --roles ROLES     sender, consent, compliance, admin: one or more, by commas\n"
    "  --programs P,...  the programs that it may use\n"
    "  --throughput N    message parts a second that it may hand in; 0: no limit\n"
    "  --quota N         message parts a day; 0: no limit\n"
    "  --quota-timezone Z  whose midnight begins its day: UTC unless named, or America/New_York\n"
    "  --overlap SPAN    24h unless named; 0: the old keys end at once\n"
    "  --key-id ID       as list shows it\n"
    "  --remove          the account logs in no more; its sessions end\n" LISTS ASKS "\nExamples:\n"
    "  assent account add crm --roles sender,consent --programs new-lead-nurture\n"
    "  assent account rotate crm --overlap 7d\n"
    "  assent account password officer\n";

static const char audit_help[] =
    "usage: assent audit list [OPTIONS]\n\n"
    "Who looked at which person, and who changed what, newest first: by the console, and by a key what\n"
    "it may only as compliance or admin. Needs a key with one of these roles (docs/console.md).\n\n"
    "  --number NUMBER   whom it was about\n"
    "  --account NAME    who it was\n"
    "  --since T, --until T  a time, or how long ago: 24h\n"
    "  --limit N         at most so many (50); 0: all\n" LISTS ASKS "\nExamples:\n"
    "  assent audit list --number +14155550123\n"
    "  assent audit list --account officer --since 7d\n";

static const char inbound_help[] =
    "usage: assent inbound [OPTIONS]\n\n"
    "What people texted back, newest first, and what was made of it.\n\n"
    "  --number NUMBER, --program P\n"
    "  --limit N         at most so many (50); 0: all\n" LISTS ASKS "\nExample:\n"
    "  assent inbound --number +14155550123\n";

static const char review_help[] =
    "usage: assent review list [OPTIONS]\n"
    "       assent review resolve ID opt_out|none [--note TEXT]\n\n"
    "Texts that may have meant STOP. Marketing to the person is held until somebody has read one;\n"
    "one that nobody reads in time counts as an opt-out. Those that are open are listed as they are\n"
    "due, others the newest first. Needs a key with the role compliance.\n\n"
    "  --status S        open (as here), opt_out, none, overdue, or all\n"
    "  --number NUMBER, --program P\n"
    "  --limit N         at most so many; 0: all\n"
    "  --note TEXT       why you decide so: kept in the ledger\n" LISTS ASKS "\nExamples:\n"
    "  assent review list\n"
    "  assent review resolve 01a21f46-e193-7000-a535-3a3f909b628c none --note 'asks about the bus stop'\n";

static const char webhook_help[] =
    "usage: assent webhook list [--status S] [--type T] [OPTIONS]\n"
    "       assent webhook replay ID...\n"
    "       assent webhook replay --all [--type T]\n"
    "       assent webhook test\n\n"
    "Events on their way to the account's receiver (docs/webhooks.md). `replay` sends again what was\n"
    "given up, or was delivered within a day; what still waits goes at once. `test` posts an event that\n"
    "says nothing, and shows what the receiver answered: exit 1 where it has not taken it.\n\n"
    "  --status S        waiting, dead or delivered\n"
    "  --type T          as message.failed\n"
    "  --account NAME    of list and replay: another account's, with a key of the role admin\n"
    "  --all             every dead one\n"
    "  --limit N         at most so many; 0: all\n" LISTS ASKS "\nExamples:\n"
    "  assent webhook list --status dead\n"
    "  assent webhook replay --all --type consent.changed\n";

static const char suppress_help[] =
    "usage: assent suppress add NUMBER --kind KIND [--date D] [--note TEXT]\n"
    "       assent suppress remove NUMBER [--note TEXT]\n"
    "       assent suppress import FILE --kind KIND [--date D] [OPTIONS]\n"
    "       assent suppress list [OPTIONS]\n"
    "       assent suppress rnd-query --program P\n\n"
    "Numbers that may not be texted beside what their people said (docs/suppression.md). Needs a key\n"
    "with the role compliance. KIND is one of\n\n"
    "  deactivated       a carrier says that the number left its subscriber\n"
    "  reassigned        an answer of the Reassigned Numbers Database; the date is the consent's\n"
    "  wrong_number      whoever has the number says so; an opt-out as well.\n"
    "                    Each makes void what consent was given up to its date; a form filled in\n"
    "                    later counts.\n"
    "  listed            one's own list: holds until `remove` takes the number off\n"
    "  opt_out           an opt-out brought from another provider: of --program P, or of all\n\n"
    "import  reads a CSV file with a header (phone or number; date, answer, note), or a bare list, a\n"
    "        number a line; - reads stdin. The same file again changes nothing.\n"
    "rnd-query  prints a line for each US number that is opted in: ten digits, the day of the consent.\n\n"
    "  --date D          when it happened: 2026-11-03, or a time; left out: now\n"
    "  --answer yes|no|no_data\n"
    "                    of reassigned: what the database answered\n"
    "  --queried-at D    of reassigned: the day on which it was asked (today)\n"
    "  --note TEXT       why: kept in the ledger\n"
    "  --known           of import: keeps nothing of numbers that have no consent on record\n"
    "  --strict          exit 1 if a row is refused\n"
    "  --verbose         lists every row that is refused, not only the first 20\n"
    "  --number NUMBER, --limit N\n"
    "                    of list; 0: all\n" LISTS ASKS "\nExamples:\n"
    "  assent suppress import deact-2026-11-03.txt --kind deactivated --date 2026-11-03 --known\n"
    "  assent suppress rnd-query --program new-lead-nurture > query.csv\n"
    "  assent suppress import answers.csv --kind reassigned\n"
    "  assent suppress add '(415) 555-0123' --kind listed --note 'our own test phone'\n";

static const char bench_help[] =
    "usage: assent bench http --url URL --key KEY --program P [OPTIONS]\n"
    "       assent bench batch --url URL --key KEY --program P [OPTIONS]\n"
    "       assent bench smpp --port PORT --system-id ID --password P --source SENDER [OPTIONS]\n"
    "       assent bench load --db FILE --program P --consents N\n"
    "       assent bench queue --db FILE --program P [OPTIONS]\n"
    "       assent bench store --db FILE --program P [OPTIONS]\n"
    "       assent bench recipients (--db FILE | --csv FILE) [OPTIONS]\n\n"
    "http    hands in messages over HTTP; smpp does so over SMPP. They reach this machine only.\n"
    "batch   hands them in over HTTP, many in a request.\n"
    "load    fills a new database with consents of made-up numbers, for the others to text.\n"
    "queue   puts messages into it that wait, for a program whose carrier is not to come.\n"
    "store   commits the rows of messages without a gateway: what the disk allows.\n"
    "recipients\n"
    "        commits the rows of a campaign's file, or writes that file.\n\n"
    "  --messages N      how many messages or rows (10000), to as many numbers as --consents says (1000000)\n"
    "  --rate N          a second; as fast as answers come unless named\n"
    "  --text TEXT       what they say\n"
    "  --pid PID,...     the gateway's processes: measures their CPU and memory too\n"
    "  --connections N   http: each with one request outstanding (64)\n"
    "  --get PATH        http: asks this path instead, with {to} in it: for other gateways\n"
    "  --binds N, --window N\n"
    "                    smpp: sessions (1), and unanswered messages of each (100)\n"
    "  --receipts        smpp: asks for them, and waits for them\n"
    "  --host HOST       smpp: 127.0.0.1 unless named\n"
    "  --batch N         store, recipients: rows a commit; batch: messages a request (64)\n"
    "  --keyed           batch: each request has an Idempotency-Key\n"
    "  --json            the figures as JSON\n\n"
    "Exit 1 if a message was refused or lost. `make bench` runs all of it.\n\n"
    "Example:\n"
    "  assent bench load --db bench.db --program bench --consents 1000000\n";

static const char program_help[] =
    "usage: assent program list\n"
    "       assent program pause NAME | --all\n"
    "       assent program resume NAME | --all\n\n"
    "The emergency stop; needs a key with the role admin. Nothing leaves from a paused program\n"
    "but the replies that it owes: to opt-ins, STOP and HELP. Messages are still taken and wait,\n"
    "held, until it is resumed or their time is over. A pause outlives a restart.\n\n"
    "  --all             every program\n" LISTS ASKS "\nExample:\n"
    "  assent program pause --all\n";

static const char carrier_help[] =
    "usage: assent carrier list\n"
    "       assent carrier start|stop|pause|drain NAME\n"
    "       assent carrier receipts NAME\n\n"
    "The binds of a running gateway; needs a key with the role admin. No order outlives a\n"
    "restart: that binds all carriers; a reload (SIGHUP) keeps them. What a carrier doesn't take goes\n"
    "to the program's next one, or waits. One that is gone from the configuration is `removed` as\n"
    "long as it awaits open answers.\n\n"
    "pause   stays bound and hears, and submits nothing: no replies either.\n"
    "drain   submits nothing more, and unbinds when what is open is answered.\n"
    "stop    unbinds after five seconds at most, and stays away.\n"
    "start   goes on, and binds again.\n"
    "receipts  the newest that found no message, as it wrote them.\n\n" LISTS ASKS "\nExample:\n"
    "  assent carrier drain sim\n";

static const char queue_help[] =
    "usage: assent queue list|why [OPTIONS]\n\n"
    "list    how much waits in each program, replies and messages apart.\n"
    "why     of those where something waits: which pause, outage, window or limit holds it, and\n"
    "        until when, if that is known.\n\n"
    "  --program P       of one program\n" LISTS ASKS "\nExample:\n"
    "  assent queue why\n";

static const char route_help[] =
    "usage: assent route NUMBER --program P [OPTIONS]\n\n"
    "Which carrier a message to the number would take now: the route that fits it, the carriers\n"
    "of its tiers, and what holds it if it would have to wait; exit 1 then.\n\n"
    "  --program P       of this program\n"
    "  --from S          from this sender; else the program's first\n"
    "  --account A       handed in by this account (an admin's key asks for any)\n" LISTS ASKS
    "\nExample:\n"
    "  assent route +16045550123 --program new-lead-nurture\n";

static const char backup_help[] =
    "usage: assent backup FILE [OPTIONS]\n\n"
    "A copy of the database, of one instant, while a gateway runs on it or not. It is written beside,\n"
    "as FILE.partial, verified (every page, every index, the ledger and what follows from it), and has\n"
    "its name only then; exit 1 otherwise, and nothing is left. It prints the head of the ledger: keep\n"
    "that elsewhere. Whoever has the copy has every number and text in it.\n\n"
    "A gateway that is started on a copy sends nothing of what waited when it was made, and nothing\n"
    "but mandated replies until `assent restore confirm`: STOPs may have come since.\n\n"
    "  --db FILE         the database; else that of the configuration, else assent.db\n"
    "  -c FILE           the configuration that names it\n"
    "  --force           replaces a FILE that is there\n\n"
    "Example:\n"
    "  assent backup -c /etc/assent/assent.conf /var/backups/assent.db\n";

static const char restore_help[] =
    "usage: assent restore show|confirm [OPTIONS]\n\n"
    "A gateway that goes on from a copy of its database (assent backup) doesn't know what was done\n"
    "since: it sends nothing but mandated replies until somebody vouches that the opt-outs of that\n"
    "time are brought in (docs/backup.md says how). Needs a key with the role admin.\n\n"
    "show      what is held back, and of which time nothing is known.\n"
    "confirm   they are brought in: messages leave again. It becomes a record of the ledger.\n\n"
    "  --note TEXT       from where they were brought in\n" LISTS ASKS "\nExample:\n"
    "  assent restore confirm --note \"from the carrier's list and the CRM, by Sam\"\n";

static const char import_kannel_help[] =
    "usage: assent import-kannel FILE [--with-secrets]\n\n"
    "Reads a kannel.conf with all that it includes, and writes the carriers (groups smsc of kind\n"
    "smpp) and the accounts (groups sendsms-user) as sections of an assent.conf to stdout. Each\n"
    "setting that has no counterpart is a comment with its line and the reason. Programs, and so\n"
    "who may be texted, are in no kannel.conf: a skeleton in comments begins one.\n\n"
    "  --with-secrets    writes the passwords themselves; else each is a variable of the\n"
    "                    environment, ${NAME}, and stderr lists them\n\n"
    "Example:\n"
    "  assent import-kannel /etc/kannel/kannel.conf > kannel-sections.conf\n";

static const char help_help[] =
    "usage: assent help [COMMAND]\n"
    "       assent help --man [COMMAND|assent.conf]\n"
    "       assent help --completion bash|zsh\n"
    "       assent help --openapi\n\n"
    "What a command does.\n\n"
    "  --man             as a manual page: of all commands, of one, or of the configuration file\n"
    "  --completion bash|zsh\n"
    "                    the script by which the shell completes commands and options; `make install`\n"
    "                    puts it where shells look for it\n"
    "  --openapi         the HTTP API as an OpenAPI 3.1 document\n\n"
    "Examples:\n"
    "  assent help --man send | man -l -\n"
    "  source <(assent help --completion bash)\n";

const struct command commands[] = {
    {"serve", "runs the gateway", serve_help, cli_serve},
    {"check-config", "says what is wrong with a configuration", check_config_help,
     cli_check_config},
    {"demo", "shows all of it on this machine, without a carrier", demo_help, cli_demo},
    {"send", "sends one message, or a campaign from a CSV file", send_help, cli_send},
    {"campaign", "named bulk sends: create, upload, start, pause, resume, cancel, watch, list, show, ...",
     campaign_help, cli_campaign},
    {"message", "what became of a message, its parts and events: show, list, cancel", message_help,
     cli_message},
    {"consent", "the consent of a number: show, grant, revoke, erase, import", consent_help, cli_consent},
    {"blocks", "the block log: who was not texted, and why", blocks_help, cli_blocks},
    {"inbound", "what people texted back, and what was made of it", inbound_help, cli_inbound},
    {"review", "texts that may have meant STOP: list, resolve", review_help, cli_review},
    {"proof", "the consent packet of a number", proof_help, cli_proof},
    {"ledger", "verifies or exports the chain of records", ledger_help, cli_ledger},
    {"status", "carriers, binds and queue of a running gateway", status_help, cli_status},
    {"queue", "what waits, and what holds it", queue_help, cli_queue},
    {"route", "which carrier a message would take, and why", route_help, cli_route},
    {"program", "programs, and the emergency stop: list, pause, resume", program_help, cli_program},
    {"carrier", "the binds: list, start, stop, pause, drain; its receipts that fit nothing", carrier_help, cli_carrier},
    {"account", "accounts and their API keys: add, list, set, rotate, revoke, password", account_help, cli_account},
    {"audit", "who looked at which person, and who changed what: list", audit_help, cli_audit},
    {"classify", "what an inbound text would be taken for", classify_help, cli_classify},
    {"pdu", "reads SMPP PDUs from hexadecimal traces", pdu_help, cli_pdu},
    {"sim", "a simulated carrier to try things with", sim_help, cli_sim},
    {"bench", "the load driver that the published figures come from", bench_help, cli_bench},
    {"help", "says what a command does", help_help, cli_help},
    {"suppress", "numbers that changed hands, one's own list: add, remove, import, list, rnd-query",
     suppress_help, cli_suppress},
    {"webhook", "events to an account's receiver: list, replay, test", webhook_help, cli_webhook},
    {"import-kannel", "carrier and account sections from a kannel.conf", import_kannel_help,
     cli_import_kannel},
    {"backup", "an online copy of the database, verified", backup_help, cli_backup},
    {"restore", "what a restored copy holds back: show, confirm", restore_help, cli_restore},
};

const size_t command_count = sizeof commands / sizeof commands[0];
