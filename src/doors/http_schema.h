/* http_schema: the JSON that goes in and out as JSON Schema (2020-12), from the rows of proto/api_request.def and
 * proto/api_answer.def. Private to src/doors/http*.c. */
#ifndef DOORS_HTTP_SCHEMA_H
#define DOORS_HTTP_SCHEMA_H

#include "http_parts.h"

/* What a form of so many letters stands for: see proto/api_answer.def. */
json_t *schema_of_form(const char *form, size_t length);
/* A reference to that of an object that is taken. */
json_t *schema_of_object(enum api_object object);
/* All that have a name: the components of the document. */
json_t *schemas_write(void);

#endif
