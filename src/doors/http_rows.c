#include "http_rows.h"

#include <event2/buffer.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"

static void refuse(struct row_read *out, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct row_read *out, enum verdict verdict, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(out->why, sizeof out->why, format, values);
    va_end(values);
    json_decref(out->json);
    out->json = NULL;
    out->verdict = verdict;
}

/* ---- NDJSON ---- */


/* The length of the next line that isn't empty, and of what ends it. False: there is none. */
static bool line_find(struct evbuffer *body, size_t *length, size_t *step)
{
    size_t end_length = 0;
    while (evbuffer_get_length(body) > 0) {
        struct evbuffer_ptr end = evbuffer_search_eol(body, NULL, &end_length, EVBUFFER_EOL_LF);
        *length = end.pos < 0 ? evbuffer_get_length(body) : (size_t)end.pos;
        *step = *length + (end.pos < 0 ? 0 : end_length);
        if (*length > 1 || (*length == 1 && *evbuffer_pullup(body, 1) != '\r'))
            return true;
        evbuffer_drain(body, *step);
    }
    return false;
}

static void line_read(const struct batch_rows *rows, size_t length, struct row_read *out)
{
    json_error_t error;
    if (length > HTTP_BODY_LIMIT) {
        refuse(out, VERDICT_TOO_LARGE, "row %zu has %zu octets, and %zu are allowed", rows->count, length,
               HTTP_BODY_LIMIT);
        return;
    }
    out->json = json_loadb((const char *)evbuffer_pullup(rows->body, (ssize_t)length), length,
                           JSON_REJECT_DUPLICATES, &error);
    if (out->json == NULL)
        refuse(out, VERDICT_MALFORMED, "row %zu, column %d: %s", rows->count, error.column, error.text);
}

/* ---- a JSON array ---- */

static struct octets array_of(const struct batch_rows *rows)
{
    return octets_of(evbuffer_pullup(rows->body, -1), evbuffer_get_length(rows->body));
}

static size_t blanks_skip(struct octets array, size_t at)
{
    while (at < array.length && memchr(" \t\r\n", array.at[at], 4) != NULL)
        at++;
    return at;
}

static bool octet_is(struct octets array, size_t at, char octet)
{
    return at < array.length && array.at[at] == octet;
}

enum item { ITEM_THERE, ITEM_NONE, ITEM_BROKEN };

/* What stands before an item, from *at on: a bracket or a comma. */
static enum item item_find(struct octets array, size_t count, size_t *at)
{
    *at = blanks_skip(array, *at);
    if (count > 0 && octet_is(array, *at, ']'))
        return ITEM_NONE;
    if (!octet_is(array, *at, count == 0 ? '[' : ','))
        return ITEM_BROKEN;
    *at = blanks_skip(array, *at + 1);
    return count == 0 && octet_is(array, *at, ']') ? ITEM_NONE : ITEM_THERE;
}

/* Moves *at behind it. NULL: it is no JSON. */
static json_t *item_read(struct octets array, size_t *at, json_error_t *error)
{
    json_t *json = json_loadb((const char *)array.at + *at, array.length - *at,
                              JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, error);
    if (json != NULL)
        *at += (size_t)error->position;
    return json;
}

bool batch_rows_check(struct batch_rows *rows, struct row_read *out)
{
    json_error_t error;
    size_t count = 0, at = 0;
    struct octets array = array_of(rows);
    enum item item;
    *out = (struct row_read){.verdict = VERDICT_ALLOWED};
    while ((item = item_find(array, count, &at)) == ITEM_THERE) {
        json_t *json = item_read(array, &at, &error);
        if (json == NULL) {
            refuse(out, VERDICT_MALFORMED, "item %zu of the array, its line %d, column %d: %s", count + 1,
                   error.line, error.column, error.text);
            return false;
        }
        json_decref(json);
        count++;
    }
    rows->all = count;
    if (item == ITEM_BROKEN || blanks_skip(array, at + 1) != array.length)
        refuse(out, VERDICT_MALFORMED, "the body is no JSON array: octet %zu is not what stands there in one", at + 1);
    else if (count > HTTP_ROWS_LIMIT)
        refuse(out, VERDICT_TOO_LARGE, "the array has %zu rows, and %d are allowed; NDJSON may have more", count,
               HTTP_ROWS_LIMIT);
    return out->verdict == VERDICT_ALLOWED;
}

/* The array was checked. */
static bool array_next(struct batch_rows *rows, struct row_read *out)
{
    json_error_t error;
    struct octets array = array_of(rows);
    if (item_find(array, rows->count, &rows->at) != ITEM_THERE)
        return false;
    out->json = item_read(array, &rows->at, &error);
    must(out->json != NULL);
    return true;
}

/* ---- either ---- */

bool batch_row_next(struct batch_rows *rows, struct row_read *out)
{
    size_t length = 0, step = 0, at = rows->at;
    *out = (struct row_read){.verdict = VERDICT_ALLOWED};
    if (rows->is_ndjson ? !line_find(rows->body, &length, &step) : !array_next(rows, out))
        return false;
    rows->count++;
    out->length = rows->is_ndjson ? step : rows->at - at;
    if (rows->is_ndjson) {
        line_read(rows, length, out);
        evbuffer_drain(rows->body, step);
    }
    if (out->json != NULL && !json_is_object(out->json))
        refuse(out, VERDICT_MALFORMED, "row %zu is no JSON object", rows->count);
    return true;
}

bool batch_row_skip(struct batch_rows *rows)
{
    size_t length = 0, step = 0;
    struct row_read read = {0};
    if (rows->is_ndjson ? !line_find(rows->body, &length, &step) : !array_next(rows, &read))
        return false;
    rows->count++;
    json_decref(read.json);
    evbuffer_drain(rows->body, step);
    return true;
}
