#include "http_audit.h"

#include <string.h>

#include "base/clock.h"
#include "base/region.h"
#include "http_api.h"

#define SUBJECT_MOST 200
#define LOOK_MS      600000 /* for so long a look goes on */

/* Ids begin with the milliseconds in which they were made. */
static int64_t id_from(int64_t at)
{
    return at < 0 ? 1 : at << 12;
}

/* ---- writing ---- */

static bool is_change(const struct route *route)
{
    return route->method != EVHTTP_REQ_GET;
}

static bool is_noted(const struct ask *ask, const struct route *route)
{
    bool is_look = (route->traits & (LOOKS | LISTS)) != 0 && ask->person != 0;
    bool is_listing = (route->traits & LISTS) != 0 && ask->answer.status < 400;
    if (ask->account == NULL || (route->traits & IS_PAGE) != 0 || !(is_change(route) || is_look || is_listing))
        return false;
    unsigned as = ask->account->roles & route->roles;
    bool is_staff = (as & (CONFIG_ROLE_COMPLIANCE | CONFIG_ROLE_ADMIN)) != 0 &&
                    (as & (CONFIG_ROLE_SENDER | CONFIG_ROLE_CONSENT)) == 0;
    return ask->visit != NULL || is_staff;
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* What a listing was asked for, the same for each of its pages. Of what may be anybody's words only the name is kept: they may
 * have a number in them, which an erasure would not find. */
static const char *asked_of(struct ask *ask)
{
    static const char *const ours[] = {"status",   "state", "kind",  "reason",        "program",
                                       "campaign", "since", "until", "expires_before"};
    static const char *const passed_over[] = {"to", "number", /* the record has it */
                                              "after", "limit", "newest", "due_first"};
    const char *text = "";
    for (size_t i = 0; i < ask->parameter_count; i++) {
        const struct parameter *it = &ask->parameters[i];
        bool is_ours = is_among(it->name, ours, sizeof ours / sizeof *ours);
        if (!is_among(it->name, passed_over, sizeof passed_over / sizeof *passed_over))
            text = region_format(ask->region, "%s%s%s%s%s", text, *text == '\0' ? "" : "&", it->name, is_ours ? "=" : "",
                                 is_ours ? it->value : "");
    }
    return text;
}

static const char *cut_short(struct region *region, const char *text)
{
    size_t length = SUBJECT_MOST - strlen("…");
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) /* no half of a character */
        length--;
    return region_format(region, "%.*s…", (int)length, text);
}

/* What the path names, if there is such a thing: other words may be anybody's, a number among them. */
static const char *subject_of(struct ask *ask, const struct route *route)
{
    bool is_there = ask->answer.status < 400 && strstr(route->pattern, "{phone}") == NULL;
    const char *named = is_there ? ask->segment : "", *asked = (route->traits & LISTS) != 0 ? asked_of(ask) : "";
    const char *text = region_format(ask->region, "%s%s%s", named, *named == '\0' || *asked == '\0' ? "" : " ", asked);
    return strlen(text) <= SUBJECT_MOST ? text : cut_short(ask->region, text);
}

static struct audit_row row_of(const struct ask *ask, const char *account, bool is_session, const char *action, const char *subject)
{
    return (struct audit_row){.at = ask->now_ms,
                              .account = account == NULL ? "" : account,
                              .is_session = is_session,
                              .address = ask->peer == NULL ? "" : ask->peer,
                              .action = action,
                              .subject = subject,
                              .number = ask->person,
                              .status = ask->answer.status};
}

static void write_row(struct ask *ask, struct audit_row row)
{
    row.id = store_next_id(ask->gateway->store, ask->now_ms);
    store_audit_put(ask->gateway->store, &row);
}

void audit_note(struct ask *ask, const struct route *route)
{
    if (!is_noted(ask, route))
        return;
    const char *action = region_format(ask->region, "%s %s", route_method(route), route->pattern);
    struct audit_row row = row_of(ask, ask->account->name, ask->visit != NULL, action, subject_of(ask, route));
    if (is_change(route) || !store_audit_has(ask->gateway->store, &row, id_from(ask->now_ms - LOOK_MS)))
        write_row(ask, row);
}

void audit_note_visit(struct ask *ask, const char *account, const char *action)
{
    write_row(ask, row_of(ask, account, true, action, ""));
}

/* ---- GET /v1/audit ---- */

static bool ask_from(struct ask *ask, const char *name, int64_t *id)
{
    int64_t at;
    const char *text = NULL;
    *id = 0;
    if (!ask_time(ask, name, &text))
        return false;
    if (text != NULL && time_read(octets_text(text), &at))
        *id = id_from(at);
    return true;
}

static bool filter_read(struct ask *ask, struct audit_filter *filter)
{
    *filter = (struct audit_filter){.account = ask_parameter(ask, "account")};
    if (!ask_number(ask, "number", ask_parameter(ask, "number"), &filter->number) ||
        !ask_from(ask, "since", &filter->from) || !ask_from(ask, "until", &filter->below))
        return false;
    bool sees_all = account_has_role(ask->account, CONFIG_ROLE_ADMIN) || ask_uses_every_program(ask);
    bool is_of_others = filter->account == NULL || strcmp(filter->account, ask->account->name) != 0;
    if (!sees_all && filter->account != NULL && is_of_others) {
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "account %s sees its own records alone, since it doesn't use every program",
                       ask->account->name);
        return false;
    }
    if (!sees_all)
        filter->account = ask->account->name;
    return true;
}

static json_t *audit_json(struct ask *ask, const struct audit_row *row)
{
    return json_pack("{s:o,s:o,s:s,s:o,s:s,s:o,s:o,s:o}", "at", json_time(row->at), "account", json_words_or_null(ask, row->account),
                     "by", row->is_session ? "session" : "key", "address", json_words(ask, row->address), "action",
                     row->action, "subject", json_words_or_null(ask, row->subject), "number", json_phone(row->number),
                     "status", row->status == 0 ? json_null() : json_integer(row->status));
}

void audit_list(struct ask *ask)
{
    struct page page;
    struct audit_filter filter;
    if (!filter_read(ask, &filter) || !page_begin(ask, &page))
        return;
    int64_t until = filter.below;
    struct audit_row *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        filter.below = page.after != 0 && (until == 0 || page.after < until) ? page.after : until;
        if (store_audit_list(ask->gateway->store, &filter, ask->region, rows, page.limit, &count) == STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].id); i++)
            json_array_append_new(page.items, audit_json(ask, &rows[i]));
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}
