/* Answers: JSON, and problems by RFC 9457. */
#include "http_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "smpp/text.h"

#define MOST_ANSWERS 255 /* octets that most answers have at most */

static struct octets json_write(json_t *json, struct region *region)
{
    size_t room = MOST_ANSWERS, length;
    char *text = region_get(region, room + 1);
    must(json != NULL);
    while ((length = json_dumpb(json, text, room, JSON_COMPACT)) > room) {
        room = length;
        text = region_get(region, room + 1);
    }
    must(length > 0);
    text[length] = '\0';
    json_decref(json);
    return octets_of(text, length);
}

void answer_json(struct ask *ask, int status, json_t *json)
{
    ask->answer = (struct answer){
        .status = status, .type = "application/json", .body = json_write(json, ask->region)};
}

void answer_text(struct ask *ask, int status, const char *type, struct octets text)
{
    ask->answer = (struct answer){.status = status, .type = type, .body = text};
}

/* What a problem's type leads to: the code in the API's own description. */
#define PROBLEM_TYPES "/v1/openapi.json#/x-problems/"

static struct answer problem_make(struct region *region, enum verdict verdict, json_t *detail,
                                  json_t *more)
{
    const struct verdict_row *row = verdict_row(verdict);
    json_t *problem = json_pack("{s:s+,s:s,s:i,s:s,s:o}", "type", PROBLEM_TYPES, row->code, "title", row->title,
                                "status", row->http_status, "code", row->code, "detail", detail);
    must(problem != NULL);
    if (more != NULL)
        json_object_update(problem, more);
    json_decref(more);
    return (struct answer){.status = row->http_status,
                           .type = "application/problem+json",
                           .body = json_write(problem, region)};
}

void answer_problem_with(struct ask *ask, enum verdict verdict, const char *detail, json_t *more)
{
    if (ask->refuse != NULL) {
        json_decref(more);
        ask->refuse(ask, verdict, detail);
        return;
    }
    ask->answer = problem_make(ask->region, verdict, json_words(ask, detail), more);
    if (verdict == VERDICT_UNAVAILABLE || verdict == VERDICT_OVER_RATE) {
        ask->answer.header = "Retry-After";
        ask->answer.value = "1";
    }
}

void answer_problem(struct ask *ask, enum verdict verdict, const char *format, ...)
{
    char detail[HTTP_WHY_SIZE + 100];
    va_list values;
    va_start(values, format);
    vsnprintf(detail, sizeof detail, format, values);
    va_end(values);
    answer_problem_with(ask, verdict, detail, NULL);
}

void answer_retry_after(struct ask *ask, int64_t wait_ms)
{
    ask->answer.header = "Retry-After"; /* RFC 9110 10.2.3 */
    ask->answer.value = region_format(ask->region, "%" PRId64, (wait_ms + 999) / 1000);
}

void answer_unavailable(struct ask *ask)
{
    answer_problem(ask, VERDICT_UNAVAILABLE, "the database can't be read now");
}

struct answer answer_lost(struct region *region, http_refusal *refuse)
{
    struct ask ask = {.region = region, .refuse = refuse};
    answer_problem(&ask, VERDICT_UNAVAILABLE, "it can't be written to disk now; nothing of it was kept");
    return ask.answer;
}

/* ---- pages ---- */

bool page_begin(struct ask *ask, struct page *page)
{
    const char *limit = ask_parameter(ask, "limit"), *after = ask_parameter(ask, "after");
    int64_t wanted = HTTP_PAGE;
    *page = (struct page){0};
    if (limit != NULL && (!cursor_read(limit, &wanted) || wanted > HTTP_PAGE_LIMIT)) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "limit: must be a number from 1 to %d",
                       HTTP_PAGE_LIMIT);
        return false;
    }
    if (after != NULL && !cursor_read(after, &page->after)) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "after: it is not what a list has given");
        return false;
    }
    page->limit = (size_t)wanted;
    page->items = json_array();
    return true;
}

bool page_wants(const struct page *page)
{
    return !page->is_at_end && page->scanned < HTTP_SCAN_LIMIT &&
           json_array_size(page->items) < page->limit;
}

bool page_takes(struct page *page, int64_t place)
{
    page->has_rest = json_array_size(page->items) >= page->limit;
    if (page->has_rest)
        return false;
    page->after = place;
    page->scanned++;
    return true;
}

void page_fetched(struct page *page, size_t count)
{
    page->is_at_end = count < page->limit;
}

const char *page_cursor(const struct page *page, char out[CURSOR_SIZE])
{
    if (page->is_at_end && !page->has_rest)
        return NULL;
    cursor_write(page->after, out);
    return out;
}

void page_answer(struct ask *ask, struct page *page)
{
    char cursor[CURSOR_SIZE];
    const char *after = page_cursor(page, cursor);
    answer_json(ask, 200,
                json_pack("{s:o,s:o}", "items", page->items, "after",
                          after == NULL ? json_null() : json_string(after)));
}

void page_fail(struct ask *ask, struct page *page)
{
    json_decref(page->items);
    answer_unavailable(ask);
}

/* ---- values ---- */

/* What was cut in the middle of a character, or came from a carrier, may be no UTF-8. */
json_t *json_words(struct ask *ask, const char *text)
{
    json_t *json = json_string(text == NULL ? "" : text);
    if (json != NULL)
        return json;
    struct octets clean = text_decode_as(octets_text(text), TEXT_LATIN1, ask->region, NULL);
    json = json_stringn((const char *)clean.at, clean.length);
    must(json != NULL);
    return json;
}

json_t *json_words_or_null(struct ask *ask, const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : json_words(ask, text);
}

json_t *json_time(int64_t at)
{
    char text[TIME_TEXT_SIZE];
    if (at == 0)
        return json_null();
    time_write(at, text);
    return json_string(text);
}

json_t *json_seq(int64_t seq)
{
    return seq == 0 ? json_null() : json_integer(seq);
}

json_t *json_phone(uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    if (number == 0)
        return json_null();
    number_write(number, text);
    return json_string(text);
}

json_t *json_id(int64_t id, int64_t tail)
{
    char text[MESSAGE_ID_SIZE];
    message_id_write(id, tail, text);
    return json_string(text);
}
