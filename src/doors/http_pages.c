/* What browsers get: the files of web/, and who is shown which page. */
#include <string.h>

#include "base/must.h"
#include "base/region.h"
#include "consent/verdict.h"
#include "http_parts.h"
#include "web.h"

/* Nothing from elsewhere, nothing inline, nothing into others' frames; and no address of ours to others. */
#define GUARDED                                                                                                     \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "      \
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"                           \
    "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n"          \
    "Cross-Origin-Resource-Policy: same-origin\r\n"

static void answer_page(struct ask *ask, int status, const char *type, struct octets text)
{
    answer_text(ask, status, type, text);
    ask->answer.lines = GUARDED;
}

void page_refuse(struct ask *ask, enum verdict verdict, const char *detail)
{
    const struct verdict_row *row = verdict_row(verdict);
    answer_page(ask, row->http_status, "text/plain; charset=utf-8",
                octets_text(region_format(ask->region, "%s: %s\n", row->title, detail)));
}

static void answer_redirect(struct ask *ask, const char *where)
{
    answer_page(ask, 303, NULL, octets_of(NULL, 0));
    ask->answer.header = "Location";
    ask->answer.value = where;
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

void home_get(struct ask *ask)
{
    answer_redirect(ask, "/login");
}

void login_get(struct ask *ask)
{
    answer_own_page(ask, "login.html");
}
