#include "http_head.h"

#include <ctype.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"

/* False, so that a reader can end with it. */
static bool break_off(struct head *head, enum verdict fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool break_off(struct head *head, enum verdict fault, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(head->why, sizeof head->why, format, values);
    va_end(values);
    head->fault = fault;
    head->state = HEAD_BROKEN;
    return false;
}

/* ---- life ---- */

void head_begin(struct head *head)
{
    char *text = head->text;
    size_t room = head->room;
    *head = (struct head){.text = text, .room = room};
}

void head_wipe(struct head *head)
{
    free(head->text);
    *head = (struct head){0};
}

bool head_is_begun(const struct head *head)
{
    return head->length > 0;
}

const char *head_method(const struct head *head)
{
    return head->target_at == 0 ? "" : head->text;
}

const char *head_target(const struct head *head)
{
    return head->target_at == 0 ? "" : head->text + head->target_at;
}

static const char *name_of(const struct head *head, size_t field)
{
    return head->text + head->fields[field].name;
}

const char *head_find(const struct head *head, const char *name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (strcasecmp(name_of(head, i), name) == 0)
            return head->text + head->fields[i].value;
    return NULL;
}

size_t head_find_all(const struct head *head, const char *name, const char *out[HEAD_FIELDS])
{
    size_t count = 0;
    for (size_t i = 0; i < head->field_count; i++)
        if (strcasecmp(name_of(head, i), name) == 0)
            out[count++] = head->text + head->fields[i].value;
    return count;
}

static bool list_has(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (*list != '\0') {
        size_t span = strcspn(list, ", \t");
        if (span == length && strncasecmp(list, word, length) == 0)
            return true;
        list += span + (list[span] == '\0' ? 0 : 1);
    }
    return false;
}

static bool connection_says(const struct head *head, const char *word)
{
    const char *lists[HEAD_FIELDS];
    size_t count = head_find_all(head, "Connection", lists);
    while (count > 0)
        if (list_has(lists[--count], word))
            return true;
    return false;
}

/* An absolute target is what proxies are asked for: evhttp goes by another field there, and closes as a rule. */
bool head_is_last(const struct head *head)
{
    return connection_says(head, "close") || (head->is_1_0 && !connection_says(head, "keep-alive")) ||
           head_target(head)[0] != '/';
}

/* ---- the request line (RFC 9112 3) ---- */

static bool is_token(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("!#$%&'*+-.^_`|~", *c) == NULL)
            return false;
    return *text != '\0';
}

static bool version_read(struct head *head, const char *version)
{
    head->is_1_0 = strcmp(version, "HTTP/1.0") == 0;
    if (head->is_1_0 || strcmp(version, "HTTP/1.1") == 0)
        return true;
    if (strncmp(version, "HTTP/", 5) == 0 && isdigit((unsigned char)version[5]))
        return break_off(head, VERDICT_VERSION_NOT_SPOKEN, "HTTP/1.1 and HTTP/1.0 are spoken here");
    return break_off(head, VERDICT_MALFORMED, "the request line doesn't end with HTTP/1.1");
}

static bool target_check(struct head *head)
{
    const char *target = head_target(head);
    for (const char *c = target; *c != '\0'; c++)
        if (*c <= 0x20 || *c >= 0x7f)
            return break_off(head, VERDICT_MALFORMED, "the target has an octet that must be percent-encoded");
    struct evhttp_uri *uri = evhttp_uri_parse_with_flags(target, EVHTTP_URI_NONCONFORMANT);
    bool is_good = uri != NULL && (target[0] == '/' || evhttp_uri_get_host(uri) != NULL || strcmp(target, "*") == 0);
    if (uri != NULL)
        evhttp_uri_free(uri);
    return is_good || break_off(head, VERDICT_MALFORMED, "the target is no path that begins with /");
}

static bool method_check(struct head *head)
{
    static const char *const known[] = {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], head_method(head)) == 0)
            return true;
    return break_off(head, VERDICT_METHOD_NOT_ALLOWED, "the method %.20s is none that anything has here",
                     head_method(head));
}

static bool request_line_read(struct head *head, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target == NULL ? NULL : strchr(target + 1, ' ');
    if (version == NULL)
        return break_off(head, VERDICT_MALFORMED, "the request doesn't begin with METHOD TARGET HTTP/1.1");
    *target = *version = '\0';
    if (!is_token(line))
        return break_off(head, VERDICT_MALFORMED, "the request doesn't begin with METHOD TARGET HTTP/1.1");
    head->target_at = (size_t)(target + 1 - head->text);
    return version_read(head, version + 1) && method_check(head) && target_check(head);
}

/* ---- fields (RFC 9112 5) ---- */

static bool field_read(struct head *head, char *line)
{
    char *colon = strchr(line, ':');
    if (colon != NULL)
        *colon = '\0';
    if (colon == NULL || !is_token(line))
        return break_off(head, VERDICT_MALFORMED, "header line %zu is not NAME: VALUE", head->field_count + 1);
    char *value = colon + 1 + strspn(colon + 1, " ");
    if (*value == '\t')
        return break_off(head, VERDICT_MALFORMED, "header line %zu has a tab in front of its value",
                         head->field_count + 1);
    for (size_t length = strlen(value); length > 0 && strchr(" \t", value[length - 1]) != NULL; length--)
        value[length - 1] = '\0';
    if (head->field_count == HEAD_FIELDS)
        return break_off(head, VERDICT_HEADERS_TOO_LARGE, "there are more than %d header fields", HEAD_FIELDS);
    head->fields[head->field_count++] =
        (struct head_field){(uint16_t)(line - head->text), (uint16_t)(value - head->text)};
    return true;
}

/* Of those that decide where a request ends, or whose it is, one alone is certain. */
static bool singles_check(struct head *head)
{
    static const char *const singles[] = {"Content-Length",  "Transfer-Encoding", "Host",   "Expect",
                                          "Authorization", "Idempotency-Key",   "Content-Type"};
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        int count = 0;
        for (size_t j = 0; j < head->field_count; j++)
            count += strcasecmp(name_of(head, j), singles[i]) == 0;
        if (count > 1)
            return break_off(head, VERDICT_MALFORMED, "%s: it is there more than once", singles[i]);
    }
    return true;
}

static bool length_read(struct head *head, const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0' || digits > 15)
        return break_off(head, VERDICT_MALFORMED, "Content-Length: must be a whole number");
    head->body = head->left = strtoull(text, NULL, 10);
    return true;
}

static bool may_have_body(const struct head *head)
{
    const char *method = head_method(head);
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
}

/* Where its body ends (RFC 9112 6.3). */
static bool framing_read(struct head *head)
{
    const char *length = head_find(head, "Content-Length"), *coding = head_find(head, "Transfer-Encoding");
    const char *connection = head_find(head, "Connection");
    if (length != NULL && coding != NULL)
        return break_off(head, VERDICT_MALFORMED, "Content-Length and Transfer-Encoding don't go together");
    if (coding != NULL && (head->is_1_0 || strcasecmp(coding, "chunked") != 0))
        return break_off(head, VERDICT_MALFORMED, "Transfer-Encoding: only chunked is read here, of HTTP/1.1");
    head->is_chunked = coding != NULL;
    if (length != NULL && !length_read(head, length))
        return false;
    if (!may_have_body(head) && (head->is_chunked || head->body > 0))
        return break_off(head, VERDICT_MALFORMED, "%s takes no body", head_method(head));
    /* It has none; evhttp doesn't know that. */
    if (may_have_body(head) && length == NULL && coding == NULL && connection != NULL &&
        strcasecmp(connection, "close") != 0)
        return break_off(head, VERDICT_LENGTH_REQUIRED, "Content-Length is missing; 0 where there is no body");
    return true;
}

static bool expectation_check(struct head *head)
{
    const char *expect = head_find(head, "Expect");
    return expect == NULL || strcasecmp(expect, "100-continue") == 0 ||
           break_off(head, VERDICT_EXPECTATION_FAILED, "Expect: only 100-continue is known");
}

static bool fields_check(struct head *head)
{
    if (!singles_check(head) || !framing_read(head) || !expectation_check(head))
        return false;
    return head->is_1_0 || head_find(head, "Host") != NULL ||
           break_off(head, VERDICT_MALFORMED, "Host: it is missing");
}

/* ---- the head, line by line: evhttp looks at each as soon as it has come ---- */

static void put(struct head *head, char c)
{
    if (head->length + 1 >= head->room) {
        head->room = head->room == 0 ? 512 : 2 * head->room;
        head->text = mem_grow(head->text, head->room);
    }
    head->text[head->length++] = c;
    head->text[head->length] = '\0';
}

/* Takes the line end off. False: there is another control character. */
static bool line_end(struct head *head, char *line)
{
    size_t length = strcspn(line, "\r\n");
    const char *end = line[length] == '\r' ? line + length + 1 : line + length;
    bool is_clean = *end == '\n' && end[1] == '\0' && end == head->text + head->length - 1;
    line[length] = '\0';
    for (const char *c = line; *c != '\0'; c++)
        is_clean = is_clean && ((unsigned char)*c >= 0x20 || *c == '\t') && *c != 0x7f;
    return is_clean || break_off(head, VERDICT_MALFORMED, "the head has a control character in its octets %zu to %zu",
                                 head->line_at + 1, head->length);
}

static void line_read(struct head *head)
{
    char *line = head->text + head->line_at;
    bool is_first = head->line_at == 0;
    if (!line_end(head, line))
        return;
    head->line_at = head->length;
    if (*line == '\0' && !is_first) {
        if (fields_check(head))
            head->state = HEAD_READ;
    } else if (*line == ' ' || *line == '\t') {
        break_off(head, VERDICT_MALFORMED, "header line %zu is folded", head->field_count + 1);
    } else if (is_first) {
        request_line_read(head, line);
    } else {
        field_read(head, line);
    }
}

/* What can't become a request line is not waited for. */
static bool is_hopeless(struct head *head, uint8_t octet)
{
    if (head->length > 0 || isalpha(octet))
        return false;
    if (octet == 0x16) /* a handshake record (RFC 8446 5.1) */
        break_off(head, VERDICT_MALFORMED, "TLS was spoken to a door of plain HTTP");
    else
        break_off(head, VERDICT_MALFORMED, "a request begins with its method");
    return true;
}

static void lines_add(struct head *head, uint8_t octet)
{
    if (is_hopeless(head, octet))
        return;
    put(head, (char)octet);
    if (octet == '\n')
        line_read(head);
    if (head->state == HEAD_LINES && head->length >= HEAD_LIMIT)
        break_off(head, VERDICT_HEADERS_TOO_LARGE, "the head has more than %d octets", HEAD_LIMIT);
}

/* ---- chunks (RFC 9112 7.1) ---- */

static void size_read(struct head *head)
{
    size_t digits = strspn(head->line, "0123456789abcdefABCDEF");
    if (digits == 0 || digits > 8 || head->line[digits] != '\0') {
        break_off(head, VERDICT_MALFORMED, "the size of a chunk is not a hexadecimal number alone on its line");
        return;
    }
    head->left = strtoull(head->line, NULL, 16);
    head->body += head->left;
    head->state = head->left == 0 ? HEAD_TRAILER : HEAD_CHUNK;
}

/* True: a line is whole, and stands in head->line. */
static bool line_add(struct head *head, uint8_t octet)
{
    bool was_return = head->has_return;
    head->has_return = octet == '\r';
    if (octet == '\n') {
        head->line[head->line_length] = '\0';
        head->line_length = 0;
        return true;
    }
    if (was_return || (octet != '\r' && head->line_length + 1 >= sizeof head->line))
        break_off(head, VERDICT_MALFORMED, "a line between chunks has what doesn't belong there");
    else if (octet != '\r')
        head->line[head->line_length++] = (char)octet;
    return false;
}

static void chunk_line_add(struct head *head, uint8_t octet)
{
    if (!line_add(head, octet))
        return;
    if (head->state == HEAD_CHUNK_SIZE)
        size_read(head);
    else if (head->line[0] != '\0')
        break_off(head, VERDICT_MALFORMED, head->state == HEAD_TRAILER ? "fields behind the last chunk are not read here"
                                                                       : "a chunk is longer than its size");
    else
        head->state = head->state == HEAD_TRAILER ? HEAD_WHOLE : HEAD_CHUNK_SIZE;
}

/* ---- all of it ---- */

/* The body begins, if there is one. */
static void body_begin(struct head *head)
{
    head->state = head->is_chunked ? HEAD_CHUNK_SIZE : head->left > 0 ? HEAD_BODY : HEAD_WHOLE;
}

static size_t pass(struct head *head, size_t length, enum head_state next)
{
    size_t step = head->left < length ? (size_t)head->left : length;
    head->left -= step;
    if (head->left == 0)
        head->state = next;
    return step;
}

static bool stops(enum head_state state)
{
    return state == HEAD_READ || state == HEAD_WHOLE || state == HEAD_BROKEN;
}

size_t head_add(struct head *head, struct octets octets)
{
    size_t at = 0;
    if (head->state == HEAD_READ)
        body_begin(head);
    while (at < octets.length && !stops(head->state)) {
        if (head->state == HEAD_BODY)
            at += pass(head, octets.length - at, HEAD_WHOLE);
        else if (head->state == HEAD_CHUNK)
            at += pass(head, octets.length - at, HEAD_CHUNK_END);
        else if (head->state == HEAD_LINES)
            lines_add(head, octets.at[at++]);
        else
            chunk_line_add(head, octets.at[at++]);
    }
    return at;
}
