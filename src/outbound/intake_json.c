#include <jansson.h>
#include <stdlib.h>
#include <strings.h>

#include "base/must.h"
#include "intake_parts.h"

struct json_row {
    json_t *object;
    char *written[MERGE_FIELDS_MOST]; /* numbers and booleans, as text */
    size_t written_count;
};

/* NULL octets where it is neither a string, a number nor true or false. A string points into the object. */
static struct octets value_text(struct json_row *row, const json_t *value)
{
    if (json_is_string(value))
        return octets_of(json_string_value(value), json_string_length(value));
    if (!json_is_number(value) && !json_is_boolean(value))
        return octets_of(NULL, 0);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    must(text != NULL && row->written_count < MERGE_FIELDS_MOST);
    row->written[row->written_count++] = text;
    return octets_text(text);
}

struct json_row *json_row_read(struct octets line, const struct merge *merge, struct octets *phone,
                               struct octets *values)
{
    const char *name;
    json_t *value;
    json_t *object = json_loadb((const char *)line.at, line.length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    struct json_row *row = mem_new(sizeof *row);
    row->object = object;
    json_object_foreach(object, name, value)
    {
        size_t place = merge_field_find(merge, octets_text(name));
        if (strcasecmp(name, "phone") == 0 && json_is_string(value) && phone->at == NULL)
            *phone = octets_of(json_string_value(value), json_string_length(value));
        if (place != SIZE_MAX && values[place].at == NULL)
            values[place] = value_text(row, value);
    }
    return row;
}

void json_row_free(struct json_row *row)
{
    if (row == NULL)
        return;
    for (size_t i = 0; i < row->written_count; i++)
        free(row->written[i]);
    json_decref(row->object);
    free(row);
}

bool line_is_blank(struct octets line)
{
    for (size_t i = 0; i < line.length; i++)
        if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r')
            return false;
    return true;
}
