/* html: pages that are put together from the parts of a file in web/, and from texts of anybody's. Every text is escaped where it
 * is put in; only what was put together here may stand as it is. A part has no conditions and no loops: whoever builds the page has. */
#ifndef DOORS_HTML_H
#define DOORS_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/octets.h"

struct region;

struct html { /* grows; what is in it lives in the region */
    struct region *region;
    struct octets parts; /* the file: "<!-- part NAME -->" on a line of its own begins each */
    char *text;
    size_t length, room;
};

struct html_value { /* what stands for {name} */
    const char *name, *text;
    bool is_html; /* it was put together here */
};

void html_begin(struct html *html, struct region *region, struct octets parts);
/* Adds a part. Each {name} in it has a value, and each part that is asked for is there: else it is our mistake. */
void html_put(struct html *html, const char *part, const struct html_value *values, size_t count);
void html_put_text(struct html *html, struct octets text); /* escaped, also for within an attribute's double quotes */

/* A sentence with its {name}s filled in, and nothing escaped: it is a text still. In the region. */
char *html_words(struct region *region, const char *words, const struct html_value *values, size_t count);
/* As a segment of a path or a value of a query is written. */
char *html_address(struct region *region, const char *text);

#endif
