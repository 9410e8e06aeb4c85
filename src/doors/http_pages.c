/* What browsers get: the files of web/, and who is shown which page. */
#include <string.h>

#include "base/must.h"
#include "base/region.h"
#include "consent/verdict.h"
#include "http_pages.h"
#include "http_visit.h"
#include "web.h"

/* Nothing from elsewhere, nothing inline, nothing into others' frames; and no address of ours to others. */
#define GUARDED(referrer)                                                                                            \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "      \
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"                           \
    "X-Frame-Options: DENY\r\nReferrer-Policy: " referrer "\r\nCross-Origin-Opener-Policy: same-origin\r\n"          \
    "Cross-Origin-Resource-Policy: same-origin\r\n"

static void answer_page(struct ask *ask, int status, const char *type, struct octets text)
{
    answer_text(ask, status, type, text);
    ask->answer.lines = GUARDED("no-referrer");
}

void page_refuse(struct ask *ask, enum verdict verdict, const char *detail)
{
    const struct verdict_row *row = verdict_row(verdict);
    answer_page(ask, row->http_status, "text/plain; charset=utf-8",
                octets_text(region_format(ask->region, "%s: %s\n", row->title, detail)));
}

void answer_redirect(struct ask *ask, const char *where)
{
    answer_page(ask, 303, "text/plain; charset=utf-8", octets_of(NULL, 0));
    ask->answer.header = "Location";
    ask->answer.value = where;
}

void answer_cookie(struct ask *ask, const char *cookie)
{
    ask->answer.lines = region_format(ask->region, "%sSet-Cookie: %s\r\n", ask->answer.lines, cookie);
}

/* A tag is digits in quotes: it stands in no other, nor in a weak one that is another's. */
static void answer_file(struct ask *ask, const struct web_file *file)
{
    const char *known = ask_header(ask, "If-None-Match");
    bool is_known = strcmp(known, "*") == 0 || strstr(known, file->tag) != NULL;
    answer_page(ask, is_known ? 304 : 200, is_known ? NULL : file->type,
                is_known ? octets_of(NULL, 0) : file->content);
    ask->answer.header = "ETag";
    ask->answer.value = file->tag;
    ask->answer.may_be_kept = true;
}

void web_get(struct ask *ask)
{
    const struct web_file *file = web_find(ask->segment);
    if (file == NULL)
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no file of that name");
    else
        answer_file(ask, file);
}

static void answer_own_page(struct ask *ask, const char *name)
{
    const struct web_file *file = web_find(name);
    must(file != NULL);
    answer_page(ask, 200, file->type, file->content);
}

/* It shows nothing of what is stored: whoever led the browser here, the page may be looked at. */
void home_get(struct ask *ask)
{
    if (ask_visit(ask) == NULL)
        answer_redirect(ask, "/login");
    else
        answer_own_page(ask, "index.html");
}

/* ---- the login page ---- */

#define FAULT_PLACE "<!-- why not -->"

static struct octets login_page(const struct ask *ask, const char *sentence)
{
    const struct web_file *file = web_find("login.html");
    must(file != NULL);
    const char *text = region_text(ask->region, file->content), *place = strstr(text, FAULT_PLACE);
    must(place != NULL);
    return octets_text(region_format(ask->region, "%.*s%s%s%s%s", (int)(place - text), text,
                                     *sentence == '\0' ? "" : "<p class=\"wrong\" role=\"alert\">", sentence,
                                     *sentence == '\0' ? "" : "</p>", place + strlen(FAULT_PLACE)));
}

void answer_login(struct ask *ask, int status, const char *sentence)
{
    answer_page(ask, status, "text/html; charset=utf-8", login_page(ask, sentence));
    ask->answer.lines = GUARDED("same-origin"); /* else its form would come from nowhere: Origin: null */
}

void login_refuse(struct ask *ask, enum verdict verdict, const char *detail)
{
    const struct verdict_row *row = verdict_row(verdict);
    answer_login(ask, row->http_status, strpbrk(detail, "<>&\"'") == NULL ? detail : row->title);
    if (row->http_status == 503)
        answer_retry_after(ask, 1000);
}

void login_get(struct ask *ask)
{
    if (ask_visit(ask) == NULL)
        answer_login(ask, 200, "");
    else
        answer_redirect(ask, "/");
}
