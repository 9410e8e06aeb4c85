/* What a client of the HTTP door writes: a path, a query, a header, and a body, each on its line.
 */
#include "base/charset.h"
#include "base/region.h"
#include "smpp/text.h"
#include "src/doors/http_form.h"
#include "src/doors/http_parts.h"
#include "tests/fuzz/fuzz.h"

static void read_query(const char *text, struct region *region)
{
    size_t count;
    int64_t place;
    const struct parameter *parameters = query_read(text, region, &count);
    if (parameters == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        must(text_is_utf8(octets_text(parameters[i].value)));
        cursor_read(parameters[i].value, &place);
    }
    query_stranger(parameters, count, "to text program cursor limit");
}

static void read_form(const char *text, const char *charset, struct region *region)
{
    struct octets utf8;
    struct form *form = region_get(region, sizeof *form);
    form_read(form, octets_text(text), region);
    for (size_t i = 0; i < form->count; i++)
        if (charset_read(octets_text(charset), form->at[i].value, region, &utf8) == CHARSET_OK)
            must(text_is_utf8(utf8));
}

static void read_path(const char *path, struct region *region)
{
    struct octets segment;
    if (!path_match("/v1/messages/{}", path, &segment))
        return;
    const char *decoded = segment_decode(segment, region);
    must(decoded == NULL || text_is_utf8(octets_text(decoded)));
}

static void read_members(const json_t *object)
{
    const char *to = NULL, *text = NULL;
    const json_t *tags = NULL;
    bool opted_in = false;
    int64_t at = 0;
    const struct member members[] = {
        {"to", MEMBER_TEXT, true, 64, &to},     {"text", MEMBER_TEXT, false, 1600, &text},
        {"tags", MEMBER_LIST, false, 4, &tags}, {"opted_in", MEMBER_BOOLEAN, false, 0, &opted_in},
        {"at", MEMBER_TIME, false, 0, &at},     {"later", MEMBER_NOT_BUILT, false, 0, NULL},
    };
    char why[HTTP_WHY_SIZE] = "";
    enum verdict verdict = members_check(object, members, sizeof members / sizeof members[0], why);
    must(verdict != VERDICT_ALLOWED || (to != NULL && strlen(to) <= 64));
    must(verdict == VERDICT_ALLOWED || why[0] != '\0');
}

static void read_body(struct octets body, struct region *region)
{
    struct ask ask = {.region = region, .body = body};
    if (ask_json(&ask))
        read_members(ask.json);
    else
        must(ask.answer.status >= 400 && ask.answer.body.length > 0);
    json_decref(ask.json);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    struct region *region = region_new();
    read_path(region_text(region, fuzz_line(&input)), region);
    const char *query = region_text(region, fuzz_line(&input));
    read_query(query, region);
    const char *accept = region_text(region, fuzz_line(&input));
    read_form(query, accept, region);
    media_is(accept, "text/csv");
    read_body(input, region);
    region_free(region);
    return 0;
}
