/* Reading requests: paths, queries, bodies. Whatever a client gets wrong is answered with what and
 * where. */
#include "http_parts.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent/program.h"
#include "smpp/text.h"

/* ---- the path ---- */

bool path_match(const char *pattern, const char *path, struct octets *segment)
{
    *segment = octets_of(NULL, 0);
    while (*pattern != '\0') {
        if (pattern[0] == '{') {
            size_t length = strcspn(path, "/");
            if (length == 0)
                return false;
            *segment = octets_of(path, length);
            path += length;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

const char *segment_decode(struct octets raw, struct region *region)
{
    size_t length = 0;
    char *decoded = evhttp_uridecode(region_text(region, raw), 0, &length);
    must(decoded != NULL);
    struct octets text = octets_of(decoded, length);
    bool is_good = strlen(decoded) == length && text_is_utf8(text);
    const char *copy = is_good ? region_text(region, text) : NULL;
    free(decoded);
    return copy;
}

/* ---- the query ---- */

const struct parameter *query_read(const char *query, struct region *region, size_t *count)
{
    struct evkeyvalq pairs;
    const struct evkeyval *pair;
    *count = 0;
    if (query == NULL || *query == '\0')
        return region_get(region, sizeof(struct parameter));
    if (strstr(query, "%00") != NULL || evhttp_parse_query_str(query, &pairs) != 0)
        return NULL;
    size_t most = 1;
    TAILQ_FOREACH(pair, &pairs, next)
    most++;
    struct parameter *parameters = region_get(region, most * sizeof *parameters);
    bool is_good = true;
    TAILQ_FOREACH(pair, &pairs, next)
    {
        struct octets value = octets_text(pair->value);
        is_good = is_good && text_is_utf8(value) && text_is_utf8(octets_text(pair->key));
        parameters[*count].name = region_text(region, octets_text(pair->key));
        parameters[(*count)++].value = region_text(region, value);
    }
    evhttp_clear_headers(&pairs);
    return is_good ? parameters : NULL;
}

static bool is_among(const char *words, const char *word)
{
    size_t length = strlen(word);
    while (*words != '\0') {
        size_t span = strcspn(words, " ");
        if (span == length && memcmp(words, word, length) == 0)
            return length > 0;
        words += span + (words[span] == ' ' ? 1 : 0);
    }
    return false;
}

const char *query_stranger(const struct parameter *parameters, size_t count, const char *known)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_among(known, parameters[i].name))
            return parameters[i].name;
        for (size_t j = 0; j < i; j++)
            if (strcmp(parameters[i].name, parameters[j].name) == 0)
                return parameters[i].name;
    }
    return NULL;
}

void cursor_write(int64_t place, char out[CURSOR_SIZE])
{
    snprintf(out, CURSOR_SIZE, "%" PRId64, place);
}

bool cursor_read(const char *text, int64_t *place)
{
    *place = 0;
    for (size_t i = 0; text[i] != '\0'; i++)
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*place, 10, place) ||
            __builtin_add_overflow(*place, text[i] - '0', place))
            return false;
    return *place > 0;
}

/* ---- headers ---- */

/* "q=0", however many zeros: not wanted (RFC 9110 12.4.2). */
static bool weight_is_zero(struct octets parameters)
{
    for (size_t i = 0; i + 2 < parameters.length; i++) {
        if (strncasecmp((const char *)parameters.at + i, "q=", 2) != 0)
            continue;
        i += 2;
        while (i < parameters.length && (parameters.at[i] == '0' || parameters.at[i] == '.'))
            i++;
        return i == parameters.length || parameters.at[i] < '0' || parameters.at[i] > '9';
    }
    return false;
}

/* Of one item of a list. */
static bool item_is(struct octets item, const char *type)
{
    size_t length = strlen(type);
    while (item.length > 0 && (item.at[0] == ' ' || item.at[0] == '\t'))
        item = octets_of(item.at + 1, item.length - 1);
    if (item.length < length || strncasecmp((const char *)item.at, type, length) != 0)
        return false;
    struct octets rest = octets_of(item.at + length, item.length - length);
    if (rest.length > 0 && memchr(" \t;", rest.at[0], 3) == NULL)
        return false;
    return !weight_is_zero(rest);
}

bool media_is(const char *header, const char *type)
{
    while (header != NULL && *header != '\0') {
        size_t length = strcspn(header, ",");
        if (item_is(octets_of(header, length), type))
            return true;
        header += length + (header[length] == ',' ? 1 : 0);
    }
    return false;
}

/* ---- the body ---- */

bool ask_json(struct ask *ask)
{
    json_error_t error;
    ask->json =
        json_loadb((const char *)ask->body.at, ask->body.length, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(ask->json))
        return true;
    if (ask->body.length == 0)
        answer_problem(ask, VERDICT_MALFORMED, "the body is empty; it must be a JSON object");
    else if (ask->json != NULL)
        answer_problem(ask, VERDICT_MALFORMED, "line 1, column 1: the body is no JSON object");
    else
        answer_problem(ask, VERDICT_MALFORMED, "line %d, column %d: %s", error.line, error.column,
                       error.text);
    return false;
}

static const struct member *member_find(const struct member *members, size_t count,
                                        const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static enum verdict fault(enum verdict verdict, char why[HTTP_WHY_SIZE], const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum verdict fault(enum verdict verdict, char why[HTTP_WHY_SIZE], const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(why, HTTP_WHY_SIZE, format, values);
    va_end(values);
    return verdict;
}

static enum verdict text_check(const struct member *member, const json_t *value,
                               char why[HTTP_WHY_SIZE])
{
    if (!json_is_string(value))
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be a string", member->name);
    if (json_string_length(value) > member->most)
        return fault(VERDICT_INVALID_FIELD, why, "%s: it has %zu octets, and %zu are allowed",
                     member->name, json_string_length(value), member->most);
    *(const char **)member->out = json_string_value(value);
    return VERDICT_ALLOWED;
}

static enum verdict time_check(const struct member *member, const json_t *value,
                               char why[HTTP_WHY_SIZE])
{
    if (!json_is_string(value))
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be a string", member->name);
    if (!time_read(octets_text(json_string_value(value)), member->out))
        return fault(VERDICT_INVALID_TIME, why,
                     "%s: it is not an RFC 3339 time such as 2026-11-23T09:30:00Z", member->name);
    return VERDICT_ALLOWED;
}

static enum verdict list_check(const struct member *member, const json_t *value,
                               char why[HTTP_WHY_SIZE])
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > member->most)
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be a list of at most %zu strings",
                     member->name, member->most);
    for (size_t i = 0; i < count; i++)
        if (!json_is_string(json_array_get(value, i)))
            return fault(VERDICT_INVALID_FIELD, why, "%s: item %zu must be a string", member->name,
                         i + 1);
    *(const json_t **)member->out = value;
    return VERDICT_ALLOWED;
}

static enum verdict objects_check(const struct member *member, const json_t *value,
                                  char why[HTTP_WHY_SIZE])
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > member->most)
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be a list of at most %zu objects", member->name,
                     member->most);
    for (size_t i = 0; i < count; i++)
        if (!json_is_object(json_array_get(value, i)))
            return fault(VERDICT_INVALID_FIELD, why, "%s: item %zu must be an object", member->name, i + 1);
    *(const json_t **)member->out = value;
    return VERDICT_ALLOWED;
}

static enum verdict whole_check(const struct member *member, const json_t *value,
                                char why[HTTP_WHY_SIZE])
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > (json_int_t)member->most)
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be a whole number of 0 to %zu",
                     member->name, member->most);
    *(int64_t *)member->out = number;
    return VERDICT_ALLOWED;
}

static enum verdict number_check(const struct member *member, const json_t *value,
                                 char why[HTTP_WHY_SIZE])
{
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= 0) || number > (double)member->most)
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be a number of 0 to %zu", member->name,
                     member->most);
    *(double *)member->out = number;
    return VERDICT_ALLOWED;
}

static enum verdict object_check(const struct member *member, const json_t *value,
                                 char why[HTTP_WHY_SIZE])
{
    if (!json_is_object(value) || json_object_size(value) > member->most)
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be an object of at most %zu members",
                     member->name, member->most);
    *(const json_t **)member->out = value;
    return VERDICT_ALLOWED;
}

static enum verdict member_check(const struct member *member, const json_t *value,
                                 char why[HTTP_WHY_SIZE])
{
    switch (member->kind) {
    case MEMBER_TEXT:
        return text_check(member, value, why);
    case MEMBER_TIME:
        return time_check(member, value, why);
    case MEMBER_WHOLE:
        return whole_check(member, value, why);
    case MEMBER_NUMBER:
        return number_check(member, value, why);
    case MEMBER_LIST:
        return list_check(member, value, why);
    case MEMBER_OBJECTS:
        return objects_check(member, value, why);
    case MEMBER_OBJECT:
        return object_check(member, value, why);
    case MEMBER_NOT_BUILT:
        return fault(VERDICT_NOT_BUILT, why, "%s: this version can't do that yet", member->name);
    case MEMBER_BOOLEAN:
        break;
    }
    if (!json_is_boolean(value))
        return fault(VERDICT_INVALID_FIELD, why, "%s: must be true or false", member->name);
    *(bool *)member->out = json_is_true(value);
    return VERDICT_ALLOWED;
}

enum verdict members_check(const json_t *object, const struct member *members, size_t count,
                           char why[HTTP_WHY_SIZE])
{
    const char *name;
    json_t *value;
    /* jansson's iterator wants the object without its const, and changes nothing. */
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const struct member *member = member_find(members, count, name);
        if (member == NULL)
            return fault(VERDICT_INVALID_FIELD, why, "%.60s: there is no such field here", name);
        enum verdict verdict = member_check(member, value, why);
        if (verdict != VERDICT_ALLOWED)
            return verdict;
    }
    for (size_t i = 0; i < count; i++)
        if (members[i].is_needed && json_object_get(object, members[i].name) == NULL)
            return fault(VERDICT_INVALID_FIELD, why, "%s: it is missing", members[i].name);
    return VERDICT_ALLOWED;
}

/* ---- parameters ---- */

const char *ask_parameter(const struct ask *ask, const char *name)
{
    for (size_t i = 0; i < ask->parameter_count; i++)
        if (strcmp(ask->parameters[i].name, name) == 0)
            return ask->parameters[i].value;
    return NULL;
}

enum number_fault number_read_either(struct ask *ask, const char *text, uint64_t *number)
{
    uint64_t plain = 0;
    const char *country = ask->gateway->config->default_country;
    enum number_fault cause = number_read(octets_text(text), country, &plain);
    *number = plain;
    if (text[0] != ' ')
        return cause;
    text = region_format(ask->region, "+%s", text + 1);
    enum number_fault other = number_read(octets_text(text), country, number);
    if (other != NUMBER_OK)
        *number = plain;
    else if (cause == NUMBER_OK && plain != *number)
        return NUMBER_UNCLEAR;
    return other == NUMBER_OK ? other : cause;
}

bool ask_number(struct ask *ask, const char *name, const char *text, uint64_t *number)
{
    *number = 0;
    if (text == NULL)
        return true;
    enum number_fault cause = number_read_either(ask, text, number);
    if (cause != NUMBER_OK)
        answer_problem(ask, VERDICT_INVALID_NUMBER, "%s: %s", name, number_fault_text(cause));
    else
        ask->person = *number;
    return cause == NUMBER_OK;
}

bool ask_truth(struct ask *ask, const char *name, bool *out)
{
    const char *text = ask_parameter(ask, name);
    *out = text != NULL && strcmp(text, "true") == 0;
    if (text == NULL || *out || strcmp(text, "false") == 0)
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "%s: must be true or false", name);
    return false;
}

bool ask_time(struct ask *ask, const char *name, const char **out)
{
    int64_t at;
    const char *text = ask_parameter(ask, name);
    *out = NULL;
    if (text == NULL)
        return true;
    if (!time_read(octets_text(text), &at)) {
        answer_problem(ask, VERDICT_INVALID_TIME,
                       "%s: it is not an RFC 3339 time such as 2026-11-23T09:30:00Z", name);
        return false;
    }
    char *written = region_get(ask->region, TIME_TEXT_SIZE);
    time_write(at, written);
    *out = written;
    return true;
}

bool ask_program(struct ask *ask, const char *name, const struct program **out)
{
    *out = NULL;
    if (name == NULL)
        return true;
    *out = programs_find(ask->gateway->programs, name);
    if (*out == NULL)
        answer_problem(ask, VERDICT_UNKNOWN_PROGRAM, "program: there is none named \"%.60s\"",
                       name);
    else if (!account_may_use(ask->account, name))
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "account %s may not use program %s",
                       ask->account->name, name);
    else
        return true;
    return false;
}

bool ask_programs(struct ask *ask, const char *name, const struct program *const **out,
                  size_t *count)
{
    const struct program *one;
    *count = 0;
    if (!ask_program(ask, name, &one))
        return false;
    size_t most = programs_count(ask->gateway->programs);
    const struct program **list = region_get(ask->region, (most + 1) * sizeof *list);
    for (size_t i = 0; i < most; i++) {
        const struct program *program = programs_at(ask->gateway->programs, i);
        if (program == one || (one == NULL && account_may_use(ask->account, program->config->name)))
            list[(*count)++] = program;
    }
    *out = list;
    if (*count == 0)
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "account %s may use no program",
                       ask->account->name);
    return *count > 0;
}

const struct program *ask_only_program(const struct ask *ask)
{
    const struct config_list *programs = &ask->account->programs;
    return programs->count == 1 ? programs_find(ask->gateway->programs, programs->at[0]) : NULL;
}

const char *ask_program_name(const struct ask *ask, int64_t id)
{
    const struct program *program = programs_find_id(ask->gateway->programs, id);
    return program == NULL ? "" : program->config->name;
}
