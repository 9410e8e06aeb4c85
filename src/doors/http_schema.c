/* The JSON that goes in and out, as JSON Schema. */
#include "http_schema.h"

#include <string.h>

#include "base/must.h"
#include "http_api.h"

static void set(json_t *object, const char *name, json_t *value)
{
    must(value != NULL && json_object_set_new(object, name, value) == 0);
}

static void say(json_t *schema, const char *sentence)
{
    if (sentence[0] != '\0')
        set(schema, "description", json_string(sentence));
}

static json_t *reference(const char *name, size_t length)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%.*s", (int)length, name));
}

/* ---- forms ---- */

/* A text with a shape, and numbers. */
static const struct {
    const char *word, *schema;
} plain_forms[] = {
    {"text", "{\"type\":\"string\"}"},
    {"phone", "{\"type\":\"string\",\"pattern\":\"^\\\\+[1-9][0-9]{1,14}$\",\"examples\":[\"+14155550123\"]}"},
    {"time", "{\"type\":\"string\",\"format\":\"date-time\",\"examples\":[\"2026-11-23T09:30:00.000Z\"]}"},
    {"date", "{\"type\":\"string\",\"format\":\"date\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"}"},
    {"id", "{\"type\":\"string\",\"format\":\"uuid\"}"},
    {"url", "{\"type\":\"string\",\"format\":\"uri\"}"},
    {"hex", "{\"type\":\"string\",\"pattern\":\"^([0-9A-Fa-f]{2})*$\"}"},
    {"base64", "{\"type\":\"string\",\"contentEncoding\":\"base64\"}"},
    {"whole", "{\"type\":\"integer\",\"minimum\":0}"},
    {"number", "{\"type\":\"number\"}"},
    {"boolean", "{\"type\":\"boolean\"}"},
    {"any", "{}"},
    {"cursor", "{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}"},
    {"limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}"},
};

static json_t *plain_schema(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof plain_forms / sizeof *plain_forms; i++)
        if (strlen(plain_forms[i].word) == length && memcmp(plain_forms[i].word, word, length) == 0)
            return json_loads(plain_forms[i].schema, 0, NULL);
    return json_pack("{s:s,s:o}", "type", "string", "const", json_stringn(word, length));
}

/* Words, or schemas, parted by |. */
static json_t *choice_schema(const char *form, size_t length)
{
    json_t *list = json_array();
    bool is_of_schemas = form[0] >= 'A' && form[0] <= 'Z';
    for (size_t at = 0; at < length;) {
        const char *end = memchr(form + at, '|', length - at);
        size_t span = end == NULL ? length - at : (size_t)(end - form) - at;
        json_array_append_new(list, is_of_schemas ? schema_of_form(form + at, span)
                                                  : json_stringn(form + at, span));
        at += span + 1;
    }
    return is_of_schemas ? json_pack("{s:o}", "anyOf", list)
                         : json_pack("{s:s,s:o}", "type", "string", "enum", list);
}

static json_t *or_null(json_t *schema)
{
    json_t *type = json_object_get(schema, "type"), *words = json_object_get(schema, "enum");
    if (type == NULL)
        return json_pack("{s:[o,{s:s}]}", "anyOf", schema, "type", "null");
    if (words != NULL)
        json_array_append_new(words, json_null());
    set(schema, "type", json_pack("[O,s]", type, "null"));
    return schema;
}

json_t *schema_of_form(const char *form, size_t length)
{
    must(length > 0);
    if (form[length - 1] == '?')
        return or_null(schema_of_form(form, length - 1));
    if (form[0] == '[')
        return json_pack("{s:s,s:o}", "type", "array", "items", schema_of_form(form + 1, length - 2));
    if (form[0] == '{')
        return json_pack("{s:s,s:o}", "type", "object", "additionalProperties",
                         schema_of_form(form + 1, length - 2));
    if (memchr(form, '|', length) != NULL)
        return choice_schema(form, length);
    return form[0] >= 'A' && form[0] <= 'Z' ? reference(form, length) : plain_schema(form, length);
}

static json_t *form_schema(const char *form)
{
    return schema_of_form(form, strlen(form));
}

/* ---- what is taken ---- */

static const struct {
    const char *name, *sentence;
} objects[] = {
#define API_OBJECT(name, shown, sentence) [API_##name] = {shown, sentence},
#include "proto/api_request.def"
};

json_t *schema_of_object(enum api_object object)
{
    return reference(objects[object].name, strlen(objects[object].name));
}

static json_t *text_schema(const struct field *field)
{
    bool is_lenient = strcmp(field->form, "phone") == 0; /* written as people write it */
    json_t *schema = form_schema(field->form[0] == '\0' || is_lenient ? "text" : field->form);
    if (json_object_get(schema, "enum") == NULL)
        set(schema, "maxLength", json_integer((json_int_t)field->most));
    return schema;
}

static json_t *field_schema(const struct field *field)
{
    json_int_t most = (json_int_t)field->most;
    switch (field->kind) {
    case MEMBER_TEXT:
        return text_schema(field);
    case MEMBER_BOOLEAN:
        return form_schema("boolean");
    case MEMBER_WHOLE:
        return json_pack("{s:s,s:i,s:I}", "type", "integer", "minimum", 0, "maximum", most);
    case MEMBER_NUMBER:
        return json_pack("{s:s,s:i,s:I}", "type", "number", "minimum", 0, "maximum", most);
    case MEMBER_TIME:
        return form_schema("time");
    case MEMBER_LIST:
        return json_pack("{s:s,s:I,s:o}", "type", "array", "maxItems", most, "items",
                         form_schema(field->form[0] == '\0' ? "text" : field->form));
    case MEMBER_OBJECTS:
        return json_pack("{s:s,s:i,s:I,s:o}", "type", "array", "minItems", 1, "maxItems", most, "items",
                         form_schema(field->form));
    case MEMBER_OBJECT:
    case MEMBER_NOT_BUILT:
        break;
    }
    return form_schema(field->form);
}

static json_t *object_new(const char *sentence)
{
    json_t *schema = json_pack("{s:s}", "type", "object");
    say(schema, sentence);
    set(schema, "properties", json_object());
    set(schema, "required", json_array());
    set(schema, "additionalProperties", json_false());
    return schema;
}

static void member_add(json_t *schema, const char *name, json_t *member, const char *sentence, bool is_needed)
{
    say(member, sentence);
    set(json_object_get(schema, "properties"), name, member);
    if (is_needed)
        json_array_append_new(json_object_get(schema, "required"), json_string(name));
}

static json_t *taken_schema(enum api_object object)
{
    size_t count;
    const struct field *field = api_fields(object, &count);
    json_t *schema = object_new(objects[object].sentence);
    for (; count > 0; count--, field++) {
        if (field->kind == MEMBER_NOT_BUILT)
            continue;
        member_add(schema, field->name, field_schema(field), field->sentence, field->is_needed);
    }
    return schema;
}

/* ---- what is answered ---- */

enum row_kind { ROW_SCHEMA, ROW_LIKE, ROW_SHOWS, ROW_WORDS, ROW_WORD };
struct row {
    enum row_kind kind;
    const char *name, *form, *sentence;
    bool is_always;
};

#define ALWAYS true
#define MAYBE  false

static const struct row rows[] = {
#define API_SCHEMA(name, sentence)                {ROW_SCHEMA, name, "", sentence, false},
#define API_LIKE(name)                            {ROW_LIKE, name, "", "", false},
#define API_SHOWS(name, form, presence, sentence) {ROW_SHOWS, #name, form, sentence, presence},
#define API_WORDS(name, sentence)                 {ROW_WORDS, name, "", sentence, false},
#define API_WORD(word)                            {ROW_WORD, word, "", "", false},
#include "proto/api_answer.def"
};
#define ROWS (sizeof rows / sizeof *rows)

static const struct row *row_find(const char *name)
{
    size_t i = 0;
    while (i < ROWS && (rows[i].kind != ROW_SCHEMA || strcmp(rows[i].name, name) != 0))
        i++;
    must(i < ROWS);
    return &rows[i];
}

/* Those behind the row of its name. */
static void members_add(json_t *schema, const struct row *row)
{
    for (row++; row < rows + ROWS && (row->kind == ROW_SHOWS || row->kind == ROW_LIKE); row++)
        if (row->kind == ROW_LIKE) {
            set(schema, "x-like", json_string(row->name));
            members_add(schema, row_find(row->name));
        } else {
            member_add(schema, row->name, form_schema(row->form), row->sentence, row->is_always);
        }
}

static bool has_word(const json_t *words, const char *word)
{
    for (size_t i = 0; i < json_array_size(words); i++)
        if (strcmp(json_string_value(json_array_get(words, i)), word) == 0)
            return true;
    return false;
}

static json_t *words_schema(const struct row *row)
{
    json_t *words = json_array();
    json_t *schema = json_pack("{s:s}", "type", "string");
    say(schema, row->sentence);
    for (row++; row < rows + ROWS && row->kind == ROW_WORD; row++)
        if (!has_word(words, row->name))
            json_array_append_new(words, json_string(row->name));
    set(schema, "enum", words);
    return schema;
}

json_t *schemas_write(void)
{
    json_t *schemas = json_object();
    for (int object = 0; object < API_OBJECTS; object++)
        set(schemas, objects[object].name, taken_schema((enum api_object)object));
    for (const struct row *row = rows; row < rows + ROWS; row++) {
        if (row->kind == ROW_WORDS)
            set(schemas, row->name, words_schema(row));
        if (row->kind != ROW_SCHEMA)
            continue;
        json_t *schema = object_new(row->sentence);
        members_add(schema, row);
        set(schemas, row->name, schema);
    }
    return schemas;
}
