/* The HTTP API as it is declared: the rows of proto/api.def and proto/api_request.def as data. */
#include "http_api.h"

#include <string.h>

#include "base/must.h"
#include "base/region.h"

/* ---- routes ---- */

#define SENDER     CONFIG_ROLE_SENDER
#define CONSENT    CONFIG_ROLE_CONSENT
#define COMPLIANCE CONFIG_ROLE_COMPLIANCE
#define ADMIN      CONFIG_ROLE_ADMIN
#define GET        EVHTTP_REQ_GET
#define POST       EVHTTP_REQ_POST
#define DELETE     EVHTTP_REQ_DELETE
#define PUT        EVHTTP_REQ_PUT

const struct route api_routes[] = {
#define API_ROUTE(method, path, roles, traits, parameters, handle, summary)                        \
    {method, path, roles, traits, parameters, handle},
#include "proto/api.def"
};
const size_t api_route_count = sizeof api_routes / sizeof *api_routes;

const char *route_method(const struct route *route)
{
    switch ((int)route->method) {
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_PUT:
        return "PUT";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    default:
        return "GET";
    }
}

/* ---- what is taken ---- */

#define NEEDED true
#define MAY    false

/* One behind the other; in front of each object's a row without a name. */
static const struct field fields[] = {
#define API_OBJECT(name, shown, sentence) {0},
#define API_FIELD(name, kind, presence, most, form, sentence)                                      \
    {#name, MEMBER_##kind, presence, most, form, sentence},
#include "proto/api_request.def"
    {0}};

const struct field *api_fields(enum api_object object, size_t *count)
{
    static const struct field *first[API_OBJECTS];
    size_t at = 0;
    for (const struct field *field = fields; first[API_OBJECTS - 1] == NULL; field++)
        if (field->name == NULL)
            first[at++] = field + 1;
    for (*count = 0; first[object][*count].name != NULL; ++*count)
        ;
    return first[object];
}

bool ask_fields(struct ask *ask, enum api_object object, const struct into *places, size_t count)
{
    char why[HTTP_WHY_SIZE];
    size_t field_count, placed = 0;
    const struct field *field = api_fields(object, &field_count);
    struct member *members = region_get(ask->region, (field_count + 1) * sizeof *members);
    for (size_t i = 0; i < field_count; i++, field++) {
        members[i] = (struct member){field->name, field->kind, field->is_needed, field->most, NULL};
        if (field->kind == MEMBER_NOT_BUILT)
            continue;
        must(placed < count && strcmp(places[placed].name, field->name) == 0);
        members[i].out = places[placed++].out;
    }
    must(placed == count);
    enum verdict verdict = members_check(ask->json, members, field_count, why);
    if (verdict != VERDICT_ALLOWED)
        answer_problem(ask, verdict, "%s", why);
    return verdict == VERDICT_ALLOWED;
}
