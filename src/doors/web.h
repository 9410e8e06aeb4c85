/* web: the files of web/ as they were when this was built (tools/embed-web). Private to the door. */
#ifndef DOORS_WEB_H
#define DOORS_WEB_H

#include "base/octets.h"

struct web_file {
    const char *name, *type;
    const char *tag; /* its ETag: of what is in it */
    struct octets content;
};
extern const struct web_file web_files[];
extern const size_t web_file_count;

const struct web_file *web_find(const char *name); /* NULL: there is none */

#endif
