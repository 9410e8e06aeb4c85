/* GET /v1/openapi.json: the routes as an OpenAPI 3.1 document. */
#include "doors/openapi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "http_api.h"
#include "http_schema.h"
#include "http_visit.h"

/* ---- the rows ---- */

enum row_kind {
    ROW_TAG, ROW_ROUTE, ROW_ID, ROW_SAYS, ROW_TAKES, ROW_ONCE, ROW_SEGMENT, ROW_QUERY, ROW_GIVES, ROW_HEADS, ROW_FAILS, ROW_ASKS, ROW_SHOWN
};
struct row {
    enum row_kind kind;
    const char *name, *form, *text;
    int number; /* a status, or an object */
};

static const struct row rows[] = {
#define API_TAG(name, sentence) {ROW_TAG, name, "", sentence, 0},
#define API_ROUTE(method, path, roles, traits, parameters, handle, summary)                        \
    {ROW_ROUTE, path, #handle, summary, 0},
#define API_ID(id)                         {ROW_ID, id, "", "", 0},
#define API_SAYS(text)                     {ROW_SAYS, "", "", text, 0},
#define API_TAKES(object)                  {ROW_TAKES, "", "", "", API_##object},
#define API_ONCE()                         {ROW_ONCE, "", "", "", 0},
#define API_SEGMENT(name, form, sentence)  {ROW_SEGMENT, #name, form, sentence, 0},
#define API_QUERY(name, form, sentence)    {ROW_QUERY, #name, form, sentence, 0},
#define API_GIVES(status, form, sentence)  {ROW_GIVES, "", form, sentence, status},
#define API_HEADS(status, name, sentence)  {ROW_HEADS, name, "", sentence, status},
#define API_FAILS(codes)                   {ROW_FAILS, "", "", codes, 0},
#define API_ASKS(...)                      {ROW_ASKS, "", "", #__VA_ARGS__, 0},
#define API_SHOWN(status, ...)             {ROW_SHOWN, "", "", #__VA_ARGS__, status},
#include "proto/api.def"
};
static const struct row *const rows_end = rows + sizeof rows / sizeof *rows;

/* A route, and the rows behind it that describe it. */
struct operation {
    const struct route *route;
    const struct row *row, *end;
    const char *tag;
    json_t *json;
};

static bool is_beyond(const struct row *row)
{
    return row == rows_end || row->kind == ROW_ROUTE || row->kind == ROW_TAG;
}

/* The next of the kind behind `row`; NULL. */
static const struct row *next_of(const struct operation *it, const struct row *row, enum row_kind kind)
{
    for (row++; row < it->end; row++)
        if (row->kind == kind)
            return row;
    return NULL;
}

/* Of the operation, or else of all; NULL: nobody has described it. */
static const struct row *described(const struct operation *it, enum row_kind kind, const char *name, size_t length)
{
    const struct row *row;
    for (row = it->row; row < it->end; row++)
        if (row->kind == kind && strlen(row->name) == length && memcmp(row->name, name, length) == 0)
            return row;
    for (row = rows; row->kind != ROW_TAG; row++)
        if (row->kind == kind && strlen(row->name) == length && memcmp(row->name, name, length) == 0)
            return row;
    return NULL;
}

static void set(json_t *object, const char *name, json_t *value)
{
    must(value != NULL && json_object_set_new(object, name, value) == 0);
}

/* The object of that name inside; made where it isn't there. */
static json_t *within(json_t *object, const char *name)
{
    if (json_object_get(object, name) == NULL)
        set(object, name, json_object());
    return json_object_get(object, name);
}

static json_t *example(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    must(json != NULL);
    return json;
}

/* ---- what is asked ---- */

static void parameter_add(struct operation *it, enum row_kind kind, const char *name, size_t length)
{
    const struct row *row = described(it, kind, name, length);
    const char *form = row == NULL ? "text" : row->form;
    size_t span = strcspn(form, "!");
    bool is_of_path = kind == ROW_SEGMENT;
    json_t *json = json_pack("{s:o,s:s,s:b}", "name", json_stringn(name, length), "in", is_of_path ? "path" : "query",
                             "required", is_of_path || form[span] == '!');
    set(json, "description", json_string(row == NULL ? "" : row->text));
    set(json, "schema", schema_of_form(form, span));
    json_array_append_new(json_object_get(it->json, "parameters"), json);
}

static void parameters_add(struct operation *it)
{
    const char *segment = strchr(it->route->pattern, '{');
    set(it->json, "parameters", json_array());
    if (segment != NULL)
        parameter_add(it, ROW_SEGMENT, segment + 1, strcspn(segment + 1, "}"));
    for (const char *name = it->route->parameters; *name != '\0';) {
        size_t length = strcspn(name, " ");
        parameter_add(it, ROW_QUERY, name, length);
        name += length + (name[length] == ' ' ? 1 : 0);
    }
    if (next_of(it, it->row, ROW_ONCE) != NULL)
        json_array_append_new(json_object_get(it->json, "parameters"),
                              json_pack("{s:s}", "$ref", "#/components/parameters/Idempotency-Key"));
}

static json_t *text_media(const char *description)
{
    return json_pack("{s:{s:s,s:s}}", "schema", "type", "string", "description", description);
}

static void body_add(struct operation *it)
{
    unsigned traits = it->route->traits;
    const struct row *takes = next_of(it, it->row, ROW_TAKES), *asks = next_of(it, it->row, ROW_ASKS);
    json_t *content = json_object();
    if ((traits & TAKES_ROWS) != 0) {
        set(content, "application/json",
            json_pack("{s:{s:s,s:i,s:o}}", "schema", "type", "array", "maxItems", HTTP_ROWS_LIMIT, "items",
                      schema_of_object(takes == NULL ? API_NOTHING : (enum api_object)takes->number)));
        set(content, "application/x-ndjson", text_media("A JSON object a line, each as an item of the array."));
    } else if ((traits & (TAKES_JSON | MAY_TAKE_JSON)) != 0) {
        set(content, "application/json",
            json_pack("{s:o}", "schema",
                      schema_of_object(takes == NULL ? API_NOTHING : (enum api_object)takes->number)));
    } else if ((traits & TAKES_TABLE) != 0) {
        set(content, "text/csv", text_media("A header, then a row a line."));
        set(content, "application/x-ndjson", text_media("A JSON object a line."));
    } else {
        json_decref(content);
        return;
    }
    if (asks != NULL)
        set(json_object_get(content, "application/json"), "example", example(asks->text));
    set(it->json, "requestBody",
        json_pack("{s:b,s:o}", "required", (traits & MAY_TAKE_JSON) == 0, "content", content));
}

/* ---- what is answered ---- */

static json_t *response_of(struct operation *it, int status)
{
    char name[12];
    snprintf(name, sizeof name, "%d", status);
    return within(json_object_get(it->json, "responses"), name);
}

/* What is told again of the same status is told behind. */
static void describe(json_t *json, const char *separator, const char *text)
{
    const char *before = json_string_value(json_object_get(json, "description"));
    set(json, "description",
        before == NULL ? json_string(text) : json_sprintf("%s%s%s", before, separator, text));
}

static json_t *page_schema(const char *form)
{
    return json_pack("{s:s,s:{s:{s:s,s:o},s:{s:[s,s],s:s}},s:[s,s],s:b}", "type", "object", "properties", "items",
                     "type", "array", "items", schema_of_form(form, strlen(form)), "after", "type", "string", "null",
                     "description", "The cursor of the next page; null: there is none.", "required", "items",
                     "after", "additionalProperties", 0);
}

static void gives_add(struct operation *it, const struct row *row)
{
    json_t *response = response_of(it, row->number);
    json_t *content = within(response, "content");
    describe(response, " ", row->text);
    if (strchr(row->form, '/') != NULL) {
        set(content, row->form, text_media(row->text));
        return;
    }
    bool is_page = strncmp(row->form, "page:", 5) == 0;
    set(content, "application/json",
        json_pack("{s:o}", "schema", is_page ? page_schema(row->form + 5) : schema_of_form(row->form, strlen(row->form))));
    if ((it->route->traits & TAKES_ROWS) != 0)
        set(content, "application/x-ndjson", text_media("A JSON object a line, each as an item of the array."));
}

static void shown_add(struct operation *it, const struct row *row)
{
    const char *type = row->number >= 400 ? "application/problem+json" : "application/json";
    json_t *media = within(within(response_of(it, row->number), "content"), type);
    set(media, "example", example(row->text));
}

/* ---- what goes wrong ---- */

static bool is_named(const char *codes, const struct verdict_row *row)
{
    size_t length = strlen(row->code);
    for (const char *at = codes; (at = strstr(at, row->code)) != NULL; at += length)
        if ((at == codes || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return row->is_block && strncmp(codes, "blocks", 6) == 0;
}

/* What comes before the handler: http.c. */
static bool is_brought_along(const struct route *route, enum verdict verdict)
{
    if ((route->traits & TAKES_FORM) != 0)
        return false; /* they are told in others' words */
    bool takes = (route->traits & (TAKES_JSON | MAY_TAKE_JSON | TAKES_ROWS | TAKES_TABLE)) != 0;
    switch (verdict) {
    case VERDICT_MALFORMED:
    case VERDICT_INVALID_FIELD:
        return true;
    case VERDICT_UNAUTHORIZED:
    case VERDICT_SHUT_OUT:
        return route->roles != NO_KEY;
    case VERDICT_ROLE_REQUIRED:
        return route->roles != NO_KEY && route->roles != ANY_KEY;
    case VERDICT_CSRF:
        return route->roles != NO_KEY && route->method != EVHTTP_REQ_GET;
    case VERDICT_TOO_LARGE:
    case VERDICT_UNSUPPORTED_TYPE:
        return takes;
    case VERDICT_UNAVAILABLE:
        return (route->traits & (READS | WRITES)) != 0;
    default:
        return false;
    }
}

static bool fails_with(const struct operation *it, enum verdict verdict)
{
    const struct row *row = next_of(it, it->row, ROW_FAILS);
    bool is_of_key = verdict == VERDICT_IDEMPOTENCY_REUSED || verdict == VERDICT_IN_PROGRESS;
    if (is_of_key && next_of(it, it->row, ROW_ONCE) != NULL)
        return true;
    return is_brought_along(it->route, verdict) || (row != NULL && is_named(row->text, verdict_row(verdict)));
}

static json_t *problem_schema(int status, json_t *codes)
{
    return json_pack("{s:[{s:s},{s:{s:{s:i},s:{s:o}}}]}", "allOf", "$ref", "#/components/schemas/Problem",
                     "properties", "status", "const", status, "code", "enum", codes);
}

/* Of one status, with all codes that have it. */
static void problem_add(struct operation *it, enum verdict verdict)
{
    const struct verdict_row *row = verdict_row(verdict);
    json_t *response = response_of(it, row->http_status), *media, *line;
    media = within(within(response, "content"), "application/problem+json");
    if (json_object_get(media, "schema") == NULL)
        set(media, "schema", problem_schema(row->http_status, json_array()));
    json_t *properties = json_object_get(json_array_get(json_object_get(json_object_get(media, "schema"), "allOf"), 1),
                                         "properties");
    json_array_append_new(json_object_get(json_object_get(properties, "code"), "enum"), json_string(row->code));
    line = json_sprintf("`%s`: %s.", row->code, row->title);
    describe(response, " ", json_string_value(line));
    json_decref(line);
}

static const char *header_of_problem(int status)
{
    return status == 401 ? "WWW-Authenticate" : status == 429 || status == 503 ? "Retry-After" : NULL;
}

static void responses_add(struct operation *it)
{
    const struct row *row;
    set(it->json, "responses", json_object());
    for (row = it->row; (row = next_of(it, row, ROW_GIVES)) != NULL;)
        gives_add(it, row);
    for (int verdict = VERDICT_ALLOWED + 1; verdict < VERDICTS; verdict++) {
        int status = verdict_row((enum verdict)verdict)->http_status;
        if (!fails_with(it, (enum verdict)verdict))
            continue;
        problem_add(it, (enum verdict)verdict);
        if (header_of_problem(status) != NULL)
            set(within(response_of(it, status), "headers"), header_of_problem(status),
                json_pack("{s:{s:s}}", "schema", "type", "string"));
    }
    for (row = it->row; (row = next_of(it, row, ROW_HEADS)) != NULL;)
        set(within(response_of(it, row->number), "headers"), row->name,
            json_pack("{s:s,s:{s:s}}", "description", row->text, "schema", "type", "string"));
    for (row = it->row; (row = next_of(it, row, ROW_SHOWN)) != NULL;)
        shown_add(it, row);
}

/* ---- an operation ---- */

static json_t *roles_json(unsigned roles)
{
    json_t *list = json_array();
    for (unsigned role = CONFIG_ROLE_SENDER; roles != NO_KEY && role <= CONFIG_ROLE_ADMIN; role <<= 1)
        if ((roles & role) != 0)
            json_array_append_new(list, json_string(account_role_word((enum config_role)role)));
    return list;
}

static void head_add(struct operation *it)
{
    const struct row *id = next_of(it, it->row, ROW_ID), *says = next_of(it, it->row, ROW_SAYS);
    json_t *roles = roles_json(it->route->roles), *needs = json_object();
    describe(needs, "", says == NULL ? "" : says->text);
    describe(needs, says == NULL ? "" : "\n\n", it->route->roles == NO_KEY    ? "Needs no key."
                                               : it->route->roles == ANY_KEY ? "Needs a key, of whatever role."
                                                                             : "Needs the role ");
    for (size_t i = 0; i < json_array_size(roles); i++)
        describe(needs, i == 0 ? "" : " or ", json_string_value(json_array_get(roles, i)));
    set(it->json, "operationId", json_string(id == NULL ? it->row->form : id->name));
    set(it->json, "tags", json_pack("[s]", it->tag));
    set(it->json, "summary", json_string(it->row->text));
    json_object_update(it->json, needs);
    json_decref(needs);
    set(it->json, "x-roles", roles);
    set(it->json, "security",
        it->route->roles == NO_KEY ? json_array() : json_pack("[{s:[]},{s:[]}]", "key", "session"));
}

static const char *method_word(const struct route *route, char out[8])
{
    const char *word = route_method(route);
    for (size_t i = 0; i < 8; i++)
        out[i] = (char)tolower((unsigned char)word[i < strlen(word) ? i : strlen(word)]);
    return out;
}

static void operation_add(json_t *paths, struct operation *it)
{
    char method[8];
    it->json = json_object();
    set(within(paths, it->route->pattern), method_word(it->route, method), it->json);
    head_add(it);
    parameters_add(it);
    body_add(it);
    responses_add(it);
}

static json_t *paths_json(void)
{
    json_t *paths = json_object();
    const struct route *route = api_routes;
    const char *tag = "";
    for (const struct row *row = rows; row < rows_end; row++) {
        if (row->kind == ROW_TAG)
            tag = row->name;
        if (row->kind != ROW_ROUTE)
            continue;
        struct operation it = {.route = route++, .row = row, .end = row + 1, .tag = tag};
        while (!is_beyond(it.end))
            it.end++;
        if (it.route->handle != NULL && (it.route->traits & IS_PAGE) == 0)
            operation_add(paths, &it);
    }
    return paths;
}

/* ---- the document ---- */

static const char introduction[] =
    "Assent is an SMS gateway that only texts people who said yes.\n\n"
    "**Keys.** `Authorization: Bearer KEY`. An account has roles, and programs that it may use.\n\n"
    "**Errors** are RFC 9457 `application/problem+json`; `code` is for programs and never changes its meaning, `detail` says "
    "what was wrong, where, and what to do. An address that isn't there is 404 `not_found`, a method that it doesn't have 405 "
    "`method_not_allowed` with `Allow`. HEAD is answered wherever GET is. What may be answered whatever is asked for stands "
    "among the components' responses.\n\n"
    "**Lists** come in pages: `limit` items at most, and `after`, the cursor of the next page, or null. A page may have fewer "
    "items than `limit`, or none, and still a cursor.\n\n"
    "**Idempotency-Key.** The same key of the same account is answered for 24 hours as it was the first time; with another body it is 422 "
    "`idempotency_reused`. What is answered 202 or 403 is kept, other errors are not.\n\n"
    "**Values.** Numbers are E.164 with a leading +; in a request they may be written as people write them. Times are RFC 3339, in "
    "answers UTC with milliseconds. `maxLength` counts octets of UTF-8. A field that isn't described is refused.";

static json_t *tags_json(void)
{
    json_t *tags = json_array();
    for (const struct row *row = rows; row < rows_end; row++)
        if (row->kind == ROW_TAG)
            json_array_append_new(tags, json_pack("{s:s,s:s}", "name", row->name, "description", row->text));
    return tags;
}

/* What may be answered whatever is asked for. */
static json_t *anywhere_json(void)
{
    static const enum verdict verdicts[] = {VERDICT_NOT_FOUND,       VERDICT_METHOD_NOT_ALLOWED,   VERDICT_TIMED_OUT,
                                            VERDICT_LENGTH_REQUIRED, VERDICT_EXPECTATION_FAILED,   VERDICT_HEADERS_TOO_LARGE,
                                            VERDICT_TOO_LARGE,       VERDICT_VERSION_NOT_SPOKEN,   VERDICT_UNAVAILABLE};
    json_t *responses = json_object();
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const struct verdict_row *row = verdict_row(verdicts[i]);
        set(responses, row->code,
            json_pack("{s:s,s:{s:{s:o}}}", "description", row->title, "content", "application/problem+json", "schema",
                      problem_schema(row->http_status, json_pack("[s]", row->code))));
    }
    return responses;
}

static json_t *components_json(void)
{
    json_t *components = json_object();
    set(components, "responses", anywhere_json());
    set(components, "schemas", schemas_write());
    set(components, "parameters",
        json_pack("{s:{s:s,s:s,s:b,s:s,s:{s:s,s:s}}}", "Idempotency-Key", "name", "Idempotency-Key", "in", "header",
                  "required", 0, "description", "1 to 255 printable ASCII characters of your choice: asked again, it is answered alike.",
                  "schema", "type", "string", "pattern", "^[ -~]{1,255}$"));
    set(components, "securitySchemes",
        json_pack("{s:{s:s,s:s,s:s},s:{s:s,s:s,s:s,s:s}}", "key", "type", "http", "scheme", "bearer", "description",
                  "An API key: of the config, or made by `assent account add`.", "session", "type", "apiKey", "in", "cookie",
                  "name", VISIT_COOKIE, "description",
                  "A session of the console, for its own pages. What changes something needs the header X-CSRF-Token too, with "
                  "what GET /v1/session gives."));
    return components;
}

/* What the type of a problem leads to. */
static json_t *problems_json(void)
{
    json_t *problems = json_object();
    for (int verdict = VERDICT_ALLOWED + 1; verdict < VERDICTS; verdict++) {
        const struct verdict_row *row = verdict_row((enum verdict)verdict);
        set(problems, row->code,
            json_pack("{s:s,s:i,s:b}", "title", row->title, "status", row->http_status, "block", row->is_block));
    }
    return problems;
}

char *openapi_write(int indent)
{
    json_t *document = json_pack(
        "{s:s,s:{s:s,s:s,s:s},s:[{s:s,s:s}],s:o,s:o,s:o,s:o}", "openapi", "3.1.0", "info", "title", "Assent", "version",
        ASSENT_VERSION, "description", introduction, "servers", "url", "/", "description", "This gateway.", "tags",
        tags_json(), "paths", paths_json(), "components", components_json(), "x-problems", problems_json());
    must(document != NULL);
    char *text = json_dumps(document, indent == 0 ? JSON_COMPACT : JSON_INDENT((size_t)indent));
    must(text != NULL);
    json_decref(document);
    return text;
}

/* It is the same as long as the process lives. */
void openapi_get(struct ask *ask)
{
    static char *text;
    if (text == NULL)
        text = openapi_write(0);
    answer_text(ask, 200, "application/json", octets_text(text));
}
