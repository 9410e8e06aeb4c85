#include "notify/report.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/must.h"
#include "base/octets.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent/verdict.h"
#include "notify/notify.h"
#include "smpp/pdu.h"
#include "smpp/receipt.h"

#define CARRIER_REASON "carrier: " /* what the reason of a refused message begins with */
#define FILLED_MOST    16384       /* octets of a url with its escapes filled: what is beyond them is left out */

char *report_escape(const char *text, struct region *region)
{
    static const char digits[] = "0123456789ABCDEF";
    char *escaped = region_get(region, 3 * strlen(text) + 1), *out = escaped;
    for (; *text != '\0'; text++) {
        unsigned char octet = (unsigned char)*text;
        if (isalnum(octet) || strchr("-_.", octet) != NULL) {
            *out++ = *text;
        } else if (octet == ' ') {
            *out++ = '+';
        } else {
            *out++ = '%';
            *out++ = digits[octet >> 4];
            *out++ = digits[octet & 15];
        }
    }
    return escaped;
}

/* ---- what happened ---- */

/* It left, and what the carrier said of it since is the news. */
static bool has_left(const struct told *told)
{
    return !told->is_new && told->message->state > MESSAGE_SENDING && told->news != NULL;
}

static unsigned kind_of(const struct told *told)
{
    switch (told->state) {
    case MESSAGE_SENT:
        return REPORT_TAKEN;
    case MESSAGE_DELIVERED:
        return REPORT_DELIVERED;
    case MESSAGE_EXPIRED:
        return has_left(told) ? REPORT_UNDELIVERED | REPORT_EXPIRED : REPORT_REFUSED;
    case MESSAGE_FAILED:
    case MESSAGE_CANCELLED:
        return has_left(told) ? REPORT_UNDELIVERED : REPORT_REFUSED;
    case MESSAGE_BLOCKED:
        return REPORT_REFUSED;
    case MESSAGE_SCHEDULED:
    case MESSAGE_QUEUED:
    case MESSAGE_HELD:
    case MESSAGE_SENDING:
    case MESSAGE_UNKNOWN:
        break;
    }
    return 0;
}

/* The words of the reason, and of a block its code. */
static const char *refusal_words(const struct told *told)
{
    size_t length = strlen(CARRIER_REASON);
    return strncmp(told->reason, CARRIER_REASON, length) == 0 ? told->reason + length : told->reason;
}

static const char *receipt_text(const struct told *told, const char *carrier_id, struct region *region)
{
    const struct receipt_draft draft = {.id = carrier_id,
                                        .submitted = 1,
                                        .delivered = told->state == MESSAGE_DELIVERED,
                                        .submitted_at = told->message->sent_at,
                                        .done_at = told->now_ms,
                                        .state = (enum receipt_state)notify_state(told->state),
                                        .err = told->news == NULL ? NULL : told->news->err};
    return receipt_write(&draft, region);
}

/* ---- Kannel's: the escapes of its dlr-url ---- */

struct filling {
    const struct callback *callback;
    const struct told *told;
    struct region *region;
    const char *carrier_id, *reply;
    unsigned kind;
};

/* What stands behind the letter in `extra`, encoded already; NULL: nothing. */
static const char *extra_of(const struct filling *it, char letter)
{
    for (const char *line = it->callback->extra; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (line[0] == letter)
            return region_text(it->region, octets_of(line + 1, length - 1));
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    return NULL;
}

/* ACK/, NACK/STATUS/WORDS, or the receipt, as Kannel gives on what its carrier answered. */
static const char *reply_of(const struct told *told, unsigned kind, const char *carrier_id, struct region *region)
{
    enum verdict verdict = verdict_find(octets_text(told->reason));
    uint32_t status = verdict == VERDICT_ALLOWED ? ESME_RSUBMITFAIL : verdict_row(verdict)->smpp_status;
    if (kind == REPORT_TAKEN)
        return "ACK/";
    if (kind == REPORT_REFUSED)
        return region_format(region, "NACK/0x%08x/%s", (unsigned)status, refusal_words(told));
    return receipt_text(told, carrier_id, region);
}

static const char *time_words(const struct filling *it)
{
    char text[32];
    struct tm parts;
    time_t at = (time_t)(it->told->now_ms / 1000);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&at, &parts));
    return region_text(it->region, octets_text(text));
}

/* From its n-th word on, or that one alone. */
static const char *word_of(const struct filling *it, unsigned n, bool takes_rest)
{
    const char *at = it->reply;
    for (; n > 0 && *at != '\0'; n--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return region_text(it->region, octets_of(at, takes_rest ? strlen(at) : strcspn(at, " ")));
}

static const char *id_words(const struct filling *it)
{
    char id[MESSAGE_ID_SIZE];
    message_id_write(it->told->message->id, it->told->message->tail, id);
    return region_text(it->region, octets_text(id));
}

static const char *number_words(const struct filling *it)
{
    char number[NUMBER_TEXT_SIZE];
    number_write(it->told->message->number, number);
    return region_text(it->region, octets_text(number));
}

static const char *hex_of(const struct filling *it)
{
    char *hex = region_get(it->region, 2 * strlen(it->reply) + 1);
    octets_to_hex(octets_text(it->reply), hex);
    return hex;
}

/* As Kannel 1.4.5 fills them of a delivery report. NULL: there it isn't one. */
static const char *value_of(const struct filling *it, char letter)
{
    const struct message *message = it->told->message;
    switch (letter) {
    case 'd':
        return region_format(it->region, "%u", it->kind);
    case 'A':
    case 'a':
    case 'b':
        return it->reply;
    case 'e':
        return hex_of(it);
    case 'k':
        return word_of(it, 0, false);
    case 's':
    case 'S':
        return word_of(it, 1, false);
    case 'r':
        return word_of(it, 1, true);
    case 'p':
    case 'q':
        return number_words(it);
    case 'P':
    case 'Q':
        return message->sender;
    case 't':
        return time_words(it);
    case 'T':
        return region_format(it->region, "%lld", (long long)(it->told->now_ms / 1000));
    case 'i':
        return it->told->news != NULL ? it->told->news->carrier : message->carrier;
    case 'I':
        return id_words(it);
    case 'F':
        return it->carrier_id;
    case 'n':
        return message->account;
    case 'o':
        return message->client_ref;
    case 'c':
    case 'm':
    case 'M':
        return "-1";
    case 'C':
        return "UTF-8";
    case 'O':
        return "00";
    case 'B':
    case 'D':
    case 'f':
    case 'u':
    case 'v':
    case 'V':
    case 'w':
        return "";
    default:
        return NULL;
    }
}

static const char *escaped_value(const struct filling *it, char letter)
{
    const char *extra = extra_of(it, letter);
    if (extra != NULL)
        return extra;
    const char *value = value_of(it, letter);
    return value == NULL ? NULL : report_escape(value, it->region);
}

static const char *fill(const struct filling *it)
{
    char *url = region_get(it->region, FILLED_MOST);
    size_t length = 0;
    for (const char *at = it->callback->url; *at != '\0' && length < FILLED_MOST - 1; at++) {
        const char *value = at[0] == '%' && at[1] != '\0' ? escaped_value(it, at[1]) : NULL;
        if (value == NULL) {
            at += at[0] == '%' && at[1] == '%' ? 1 : 0;
            url[length++] = *at;
            continue;
        }
        int room = (int)(FILLED_MOST - length);
        int written = snprintf(url + length, (size_t)room, "%s", value);
        length += (size_t)(written < room ? written : room - 1);
        at++;
    }
    return url;
}

static bool kannel_make(const struct callback *callback, const struct told *told, const char *carrier_id,
                        struct region *region, struct report *out)
{
    unsigned kind = kind_of(told);
    const struct filling it = {.callback = callback,
                               .told = told,
                               .region = region,
                               .carrier_id = carrier_id,
                               .reply = reply_of(told, kind, carrier_id, region),
                               .kind = kind};
    *out = (struct report){.method = "GET", .url = fill(&it), .headers = "", .body = ""};
    return (callback->mask & kind) != 0;
}

/* ---- Jasmin's: the fields of its levels ---- */

static const char *minute_words(int64_t at_ms, struct region *region)
{
    struct tm parts;
    time_t at = (time_t)(at_ms / 1000);
    gmtime_r(&at, &parts);
    return region_format(region, "%02d%02d%02d%02d%02d", parts.tm_year % 100, parts.tm_mon + 1, parts.tm_mday,
                         parts.tm_hour, parts.tm_min);
}

static const char *stat_word(const struct told *told)
{
    switch (told->state) {
    case MESSAGE_DELIVERED:
        return "DELIVRD";
    case MESSAGE_EXPIRED:
        return "EXPIRED";
    case MESSAGE_CANCELLED:
        return "DELETED";
    default:
        return "UNDELIV";
    }
}

static const char *connector_of(const struct told *told)
{
    return told->news != NULL ? told->news->carrier : told->message->carrier;
}

static const char *first_level(const struct told *told, const char *id, unsigned kind, struct region *region)
{
    const char *connector = report_escape(connector_of(told), region);
    if (kind == REPORT_TAKEN)
        return region_format(region, "id=%s&message_status=ESME_ROK&level=1&connector=%s", id, connector);
    return region_format(region, "id=%s&message_status=ESME_RSUBMITFAIL&level=1&connector=%s&reason=%s", id, connector,
                         report_escape(refusal_words(told), region));
}

static const char *second_level(const struct told *told, const char *id, const char *carrier_id, struct region *region)
{
    const char *err = told->news == NULL || told->news->err[0] == '\0' ? "000" : told->news->err;
    return region_format(region,
                         "id=%s&id_smsc=%s&message_status=%s&level=2&connector=%s&subdate=%s&donedate=%s&sub=001&dlvrd=%s"
                         "&err=%s&text=",
                         id, report_escape(carrier_id, region), stat_word(told), report_escape(connector_of(told), region),
                         minute_words(told->message->sent_at, region), minute_words(told->now_ms, region),
                         told->state == MESSAGE_DELIVERED ? "001" : "000", report_escape(err, region));
}

/* What never left is told whatever the level: nothing would come after it. */
static bool jasmin_make(const struct callback *callback, const struct told *told, const char *carrier_id,
                        struct region *region, struct report *out)
{
    char id[MESSAGE_ID_SIZE];
    unsigned kind = kind_of(told);
    bool is_first = kind == REPORT_TAKEN || kind == REPORT_REFUSED;
    bool is_post = strcmp(callback->method, "POST") == 0;
    message_id_write(told->message->id, told->message->tail, id);
    const char *fields =
        is_first ? first_level(told, id, kind, region) : second_level(told, id, carrier_id, region);
    *out = (struct report){.method = callback->method, .url = callback->url, .headers = "", .body = ""};
    if (is_post) {
        out->headers = "content-type: application/x-www-form-urlencoded";
        out->body = fields;
    } else {
        out->url = region_format(region, "%s%c%s", callback->url, strchr(callback->url, '?') == NULL ? '?' : '&', fields);
    }
    return kind == REPORT_REFUSED || (callback->mask & (is_first ? REPORT_LEVEL_CARRIER : REPORT_LEVEL_TERMINAL)) != 0;
}

bool report_make(const struct callback *callback, const struct told *told, const char *carrier_id,
                 struct region *region, struct report *out)
{
    must(callback->form != CALLBACK_STANDARD);
    return callback->form == CALLBACK_KANNEL ? kannel_make(callback, told, carrier_id, region, out)
                                             : jasmin_make(callback, told, carrier_id, region, out);
}
