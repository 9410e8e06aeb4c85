/* openapi: the HTTP API described for people and programs, as an OpenAPI 3.1 document. It is made of the rows by which the
 * server answers: proto/api.def and what it names. */
#ifndef DOORS_OPENAPI_H
#define DOORS_OPENAPI_H

/* The caller frees it. `indent`: blanks a level, 0: one line. */
char *openapi_write(int indent);

#endif
