/* http_parts: what the files of the HTTP door share: a request as its handler sees it, how its
 * parts are read, and how it is answered. Private to src/doors/http*.c (and to their tests).
 *
 * All of it lives one turn: requests, answers and what they point to are in the turn's region. */
#ifndef DOORS_HTTP_PARTS_H
#define DOORS_HTTP_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "consent/account.h"
#include "consent/number.h"
#include "consent/verdict.h"
#include "doors/gateway.h"
#include "store/store.h"

struct program;
struct region;
struct evbuffer;
struct evhttp_request;
struct guard;
struct stream;
struct streams;
struct visit;
struct visits;
struct route;
struct wait;
struct waits;
struct tickets;
struct turnstile;
struct letterbox;
struct work;
struct works;

#define HTTP_BODY_LIMIT ((size_t)1 << 20)
#define HTTP_ROWS_LIMIT 5000 /* of a batch that is a JSON array */
#define HTTP_LINES_LIMIT 200000 /* of one in NDJSON: a line may be short, and its answer isn't */
#define HTTP_PAGE       100 /* items, where no limit is given */
#define HTTP_PAGE_LIMIT 1000
#define HTTP_SCAN_LIMIT                                                                            \
    10000 /* rows looked at for one page: those of other programs are passed over */
#define HTTP_WHY_SIZE 300

struct answer {
    int status;
    const char *type; /* of the content */
    struct octets body;
    struct evbuffer *stream; /* the body instead, where a work owns it; it is emptied. NULL: none */
    const char *header, *value; /* one more header; NULL: none */
    const char *lines;          /* still more, each with its CR LF, of a page; NULL: none */
    bool may_be_kept;           /* by the client, which asks each time whether it is still so */
    bool is_lasting;            /* the same Idempotency-Key gets it again */
};

struct parameter { /* of the query; decoded */
    const char *name, *value;
};

/* A problem in the words of another gateway's clients: answers. */
struct ask;
typedef void http_refusal(struct ask *ask, enum verdict verdict, const char *detail);

/* Headers that say who asks; NULL: it isn't there. */
struct claims {
    const char *authorization, *cookie;
    const char *csrf;                /* X-CSRF-Token */
    const char *origin, *site, *host; /* site: Sec-Fetch-Site */
};

struct ask {
    struct gateway *gateway;
    struct http *http;
    struct region *region;
    const struct account *account; /* who asks; NULL where the route wants no key */
    const struct account_key *key; /* by which one; NULL: by name and password, by a session, or it is a work */
    const struct visit *visit;     /* by which session; NULL: by none */
    struct claims claims;
    const char *peer;          /* the address that it comes from */
    const struct route *route;     /* NULL: not yet found, or of a work */
    uint64_t person;               /* whose number the request, or what it names, has: for the audit; 0: none */
    const char *segment;           /* what stands for {} in the path, decoded; "" */
    const struct parameter *parameters;
    size_t parameter_count;
    struct octets body;
    json_t *json;                /* the body, where the route takes one: an object */
    struct evbuffer *buffer;     /* the body of a batch or a table, for who wants to take it */
    bool is_ndjson;              /* rows came a line each; those of a batch are answered so */
    bool is_csv;                 /* of a table: the body is CSV */
    const char *idempotency_key; /* NULL: none */
    bool wants_csv;
    bool wants_html;
    int64_t now_ms;
    size_t slice, slice_octets; /* of a work: about so many rows, or octets of rows, are to be done now */
    size_t slice_read;      /* so many octets were */
    int64_t slice_until_ms; /* CLOCK_MONOTONIC: then it is to end, with a row at least */
    struct work *work;    /* begun in the place of an answer; in its steps itself */
    struct stream *stream; /* or this one */
    struct wait *wait;     /* or this */
    struct evhttp_request *request; /* NULL: of a work */
    http_refusal *refuse; /* how its clients are told of a problem; NULL: as RFC 9457 says */
    struct answer answer; /* every handler gives one */
    struct answer *lost;  /* and may give what is answered in its place if the commit fails; NULL: a problem is */
};

/* ---- http.c ---- */

struct gateway *http_gateway(const struct http *http);
struct works *http_works(const struct http *http);
struct streams *http_streams(const struct http *http);
struct waits *http_waits(const struct http *http);
struct visits *http_visits(const struct http *http);
bool http_is_secure(const struct http *http); /* browsers reach it by TLS */
void http_stream_begin(struct http *http, struct evhttp_request *request); /* 200, and its headers */
void http_stream_end(struct http *http, struct evhttp_request *request);
struct evhttp_connection;
/* evhttp closes it: to be called by whoever has its close callback. */
void http_left(struct http *http, struct evhttp_connection *connection);
/* The request's answer won't come: evhttp's connection, if there is one, is left to itself. */
void http_request_leave(struct http *http, struct evhttp_request *request);
struct guard *http_guard(const struct http *http);
struct tickets *http_tickets(const struct http *http);
struct turnstile *http_turnstile(const struct http *http);
struct letterbox *http_letterbox(const struct http *http);
/* Of the room for large bodies and answers: as guests_change_room. */
bool http_change_room(struct http *http, size_t has, size_t wants);
struct guard *http_name_guard(const struct http *http); /* by the name that is guessed at */
bool http_is_full(const struct http *http); /* the answers of this turn are large: lists must wait */

/* So many receivers of one request have room in this turn, and are in it now. */
bool http_takes_receivers(struct http *http, size_t count);
/* So many octets of JSON have room in this turn, and are in it now: reading it may take long. A little always has. */
bool http_takes_json(struct http *http, size_t octets);
/* True at most once a minute: then what is old may be thrown away. */
bool http_is_cleaning_time(struct http *http);
struct http_counts {
    uint64_t answers[6]; /* by the first digit of the status */
    uint64_t pauses;     /* no descriptor was left for more connections */
    uint64_t shown_out;  /* connections that kept us waiting too long, or with too much */
};
const struct http_counts *http_counts(const struct http *http);
uint64_t http_shut_out(const struct http *http); /* how often an address was, for wrong keys */

/* Of a request whose handler reads it by itself (TAKES_FORM); "": it has none. */
struct octets ask_query(const struct ask *ask); /* still encoded */
const char *ask_header(const struct ask *ask, const char *name);
/* Who asks is who has that role and this name: its system_id and the password of SMPP, or the account's name and one of its
 * API keys. False: answered. */
bool ask_log_in(struct ask *ask, struct octets name, struct octets secret, enum config_role role);

/* ---- http_read.c: pure, but for ask_* ---- */

/* "/v1/messages/{id}" against a path. `segment` gets what stands for {id}, still encoded. */
bool path_match(const char *pattern, const char *path, struct octets *segment);
/* Percent-decoded. NULL: it holds a NUL or isn't UTF-8. */
const char *segment_decode(struct octets raw, struct region *region);
/* NULL where the query can't be read; `count` is set. */
const struct parameter *query_read(const char *query, struct region *region, size_t *count);
/* The first name in the query that isn't one of `known` (parted by blanks), or that comes twice;
 * NULL. */
const char *query_stranger(const struct parameter *parameters, size_t count, const char *known);

#define CURSOR_SIZE 21
void cursor_write(int64_t place, char out[CURSOR_SIZE]);
bool cursor_read(const char *text, int64_t *place); /* places begin with 1 */

/* Whether a header's value names the media type ("text/csv;q=0.9"), of weight above 0. */
bool media_is(const char *header, const char *type);

enum member_kind {
    MEMBER_TEXT,
    MEMBER_BOOLEAN,
    MEMBER_WHOLE,
    MEMBER_NUMBER,
    MEMBER_TIME,
    MEMBER_LIST,
    MEMBER_OBJECTS,
    MEMBER_OBJECT,
    MEMBER_NOT_BUILT
};
struct member { /* of a JSON object */
    const char *name;
    enum member_kind kind;
    bool is_needed;
    size_t most; /* octets of a text, the value of a number, items of a list, members of an object */
    void *out;   /* const char *, bool, int64_t (double for NUMBER), int64_t, const json_t *; untouched where left out */
};
/* ALLOWED, or the fault, with `why` naming the field. A field that isn't in the table is a fault.
 */
enum verdict members_check(const json_t *object, const struct member *members, size_t count,
                           char why[HTTP_WHY_SIZE]);

/* The rest give false where they have answered with a problem. */
bool ask_json(struct ask *ask); /* reads the body */
const char *ask_parameter(const struct ask *ask, const char *name); /* NULL: left out */
/* A blank in front may have been a plus that nobody encoded. If both ways give a number, which is meant isn't certain. */
enum number_fault number_read_either(struct ask *ask, const char *text, uint64_t *number);
/* 0 where it is left out; read so. It is the person whom the request is about. */
bool ask_number(struct ask *ask, const char *name, const char *text, uint64_t *number);
bool ask_truth(struct ask *ask, const char *name, bool *out); /* true or false; left out, false */
bool ask_time(struct ask *ask, const char *name,
              const char **out); /* as the ledger writes it; NULL */
/* A program that the account may use; `name` NULL gives NULL. */
bool ask_program(struct ask *ask, const char *name, const struct program **out);
/* The only program that the account may use; NULL where there are more. */
const struct program *ask_only_program(const struct ask *ask);
const char *ask_program_name(const struct ask *ask, int64_t id); /* "" where there is none */
/* One program, or, with `name` NULL, all that the account may use: at least one. */
bool ask_programs(struct ask *ask, const char *name, const struct program *const **out,
                  size_t *count);

/* ---- http_api.c ---- */

enum api_object { /* of proto/api_request.def */
#define API_OBJECT(name, shown, sentence) API_##name,
#include "proto/api_request.def"
    API_OBJECTS
};
struct into { /* where a field of an object goes: struct member says how */
    const char *name;
    void *out;
};

/* The fields of the body as the rows of its object say, each with its place, in their order. Those that aren't built have
 * no place. False: answered. */
bool ask_fields(struct ask *ask, enum api_object object, const struct into *places, size_t count);

/* ---- http_messages.c ---- */

/* What waits in the queue for its hours, or for an operator or its campaign to go on, is shown as held, though its row says
 * queued: so resuming it has nothing to move. `reason` is set with it. */
const char *message_status(struct ask *ask, int64_t program, enum message_state state,
                           enum message_purpose purpose, int64_t due_at, const char **reason);

/* ---- http_sequences.c ---- */

struct campaign;
struct campaign_count;
struct campaign_step;
bool ask_template(struct ask *ask, const char *name, const char *text); /* false: answered */
bool ask_window(struct ask *ask, const char *name, const char *window);
/* The steps of the body; `out` has room for CAMPAIGN_STEPS_MOST. False: answered. */
bool steps_read(struct ask *ask, const json_t *list, struct campaign_step *out, int *count);
/* What a sequence has more than other campaigns. NULL: it can't be read. */
json_t *sequence_json(struct ask *ask, const struct campaign *campaign, const struct campaign_count *counts,
                      size_t count);

/* ---- http_campaigns.c ---- */

struct campaign;
/* That the path names, where the account may see it, or, is_own, where it is its own. False: answered. */
bool ask_campaign(struct ask *ask, bool is_own, struct campaign *out);
/* The id of a campaign by its serial; null for 0, and for one that can't be read. */
json_t *json_campaign_id(struct ask *ask, int64_t serial);

/* ---- http_cargo.c ---- */

struct kind { /* what a message's JSON says of what it is; NULL: left out */
    const char *text, *encoding, *data, *udh;
    int64_t message_class; /* below 0: left out */
    const json_t *wap_push, *tlvs;
};
struct offer;
/* Into text, encoding, cargo, tlvs and class of the offer. False: answered. */
bool kind_read(struct ask *ask, const struct kind *kind, struct offer *offer);
/* Adds what the message carries beside or instead of its text. */
struct message;
void cargo_show(struct ask *ask, const struct message *message, json_t *json);

/* ---- http_consents.c ---- */

struct registered;
struct registration;
/* A form that anybody can fill in must not make the gateway text numbers that cost. */
bool program_serves(const struct program *program, uint64_t number);
/* Records it, with the text that a new opt-in is owed. Gives that text's id; 0: none is due, or it was not recorded. */
int64_t registration_take(struct ask *ask, const struct registration *it, struct registered *result, int64_t *tail);

/* ---- http_records.c ---- */

bool ask_uses_every_program(const struct ask *ask);
/* Whether a record of the ledger is of the account's programs, or of none. */
bool ask_sees_record(struct ask *ask, const struct ledger_row *row);
json_t *record_json(struct ask *ask, const struct ledger_row *row);

/* ---- http_queue.c ---- */

struct hold;
const char *hold_words(struct ask *ask, const struct hold *hold); /* one sentence for people; "": nothing holds it */

/* ---- http_webhooks.c ---- */

json_t *webhooks_json(struct ask *ask); /* what waits, for the status */

/* ---- http_answer.c ---- */

void answer_json(struct ask *ask, int status, json_t *json);                         /* takes it */
void answer_text(struct ask *ask, int status, const char *type, struct octets text); /* borrowed */
void answer_problem(struct ask *ask, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* more: an object of further members, taken; or NULL. */
void answer_problem_with(struct ask *ask, enum verdict verdict, const char *detail, json_t *more);
void answer_retry_after(struct ask *ask, int64_t wait_ms); /* adds it, in whole seconds, to a problem */
void answer_unavailable(struct ask *ask);         /* the store can't be read */
/* In the place of one whose commit failed. */
struct answer answer_lost(struct region *region, http_refusal *refuse);

/* A page of a list, gathered from rows of which the account may not see each:
 *     while (page_wants(&page)) { fetch; for each row, while page_takes(&page, its place): append;
 * page_fetched }
 */
struct page {
    json_t *items;
    size_t limit;  /* items wanted, and rows fetched at once */
    int64_t after; /* the place of the last row that was looked at */
    size_t scanned;
    bool is_at_end, has_rest;
};
bool page_begin(struct ask *ask, struct page *page); /* false: answered */
bool page_wants(const struct page *page);
bool page_takes(struct page *page, int64_t place);
void page_fetched(struct page *page, size_t count);
const char *page_cursor(const struct page *page, char out[CURSOR_SIZE]); /* NULL: no more */
void page_answer(struct ask *ask, struct page *page);
void page_fail(struct ask *ask, struct page *page); /* the store can't be read */

/* None of these gives NULL; null is JSON's. */
json_t *json_words(struct ask *ask, const char *text); /* octets that aren't UTF-8 as Latin-1 */
json_t *json_words_or_null(struct ask *ask, const char *text); /* null for "" */
json_t *json_time(int64_t at);                                 /* null for 0 */
json_t *json_seq(int64_t seq);                                 /* null for 0 */
json_t *json_phone(uint64_t number);                           /* null for 0 */
json_t *json_id(int64_t id, int64_t tail);

/* ---- http_pages.c ---- */

http_refusal page_refuse;
void web_get(struct ask *ask);
const char *optin_url(struct ask *ask, const struct program *program); /* where its form is; "": it has none */
void optin_get(struct ask *ask);
void optin_post(struct ask *ask);
void home_get(struct ask *ask);
void login_get(struct ask *ask);

/* ---- http_login.c ---- */

void login_post(struct ask *ask);
void logout_post(struct ask *ask);
void session_get(struct ask *ask);

/* ---- http_accounts.c ---- */

json_t *account_roles_json(const struct account *account);

/* ---- http_kannel.c ---- */

http_refusal kannel_refuse;
void kannel_send(struct ask *ask);

/* ---- http_jasmin.c ---- */

http_refusal jasmin_refuse;
void jasmin_send(struct ask *ask);

/* ---- the resources ---- */

void message_post(struct ask *ask);
void message_batch_post(struct ask *ask);
void message_get(struct ask *ask);
void message_cancel(struct ask *ask);
void message_list(struct ask *ask);
void campaign_post(struct ask *ask);
void campaign_list(struct ask *ask);
void campaign_get(struct ask *ask);
void campaign_start_post(struct ask *ask);
void campaign_pause_post(struct ask *ask);
void campaign_resume_post(struct ask *ask);
void campaign_cancel_post(struct ask *ask);
void recipients_post(struct ask *ask);
void recipient_list(struct ask *ask);
void campaign_events(struct ask *ask);
void enrolment_list(struct ask *ask);
void consent_post(struct ask *ask);
void consent_batch_post(struct ask *ask);
void consent_get(struct ask *ask);
void consent_list(struct ask *ask);
void consent_revoke_post(struct ask *ask);
void webhook_list(struct ask *ask);
void webhook_get(struct ask *ask);
void webhook_replay_post(struct ask *ask);
void webhook_replay_all_post(struct ask *ask);
void webhook_test_post(struct ask *ask);
void review_list(struct ask *ask);
void review_resolve_post(struct ask *ask);
void consent_erase_post(struct ask *ask);
void proof_get(struct ask *ask);
void suppression_list(struct ask *ask);
void suppression_post(struct ask *ask);
void suppression_batch_post(struct ask *ask);
void suppression_remove_post(struct ask *ask);
void suppression_rnd_list(struct ask *ask);
void block_list(struct ask *ask);
void ledger_head_get(struct ask *ask);
void ledger_list(struct ask *ask);
void ledger_get(struct ask *ask);
void inbound_list(struct ask *ask);
void audit_list(struct ask *ask);
void status_get(struct ask *ask);
void status_events(struct ask *ask);
void history_get(struct ask *ask);
void outcomes_get(struct ask *ask);
void deviations_get(struct ask *ask);
void activity_get(struct ask *ask);
void openapi_get(struct ask *ask);
void metrics_get(struct ask *ask);
void health_get(struct ask *ask);
void ready_get(struct ask *ask);
void account_list(struct ask *ask);
void account_post(struct ask *ask);
void account_set_post(struct ask *ask);
void account_rotate_post(struct ask *ask);
void account_revoke_post(struct ask *ask);
void account_password_put(struct ask *ask);
void account_password_delete(struct ask *ask);
void program_list(struct ask *ask);
void program_pause_post(struct ask *ask);
void program_resume_post(struct ask *ask);
void restoration_get(struct ask *ask);
void restoration_confirm_post(struct ask *ask);
json_t *restoration_json(struct ask *ask); /* for the status too; NULL: it can't be read */
void carrier_list(struct ask *ask);
void carrier_receipts(struct ask *ask);
void carrier_start_post(struct ask *ask);
void carrier_stop_post(struct ask *ask);
void carrier_pause_post(struct ask *ask);
void carrier_drain_post(struct ask *ask);
void queue_list(struct ask *ask);
void route_get(struct ask *ask);

#endif
