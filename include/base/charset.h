/* charset: texts in the encodings that clients name, as UTF-8. Only those that are listed are read: what a stranger names
 * is not looked for on the disk, and the converters of rare ones never see a stranger's octets. Pure. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include "base/octets.h"

struct region;

enum charset_result {
    CHARSET_OK,
    CHARSET_UNKNOWN, /* it is none of those that are read */
    CHARSET_BROKEN   /* the octets are no text in it */
};

/* "utf-8", "ISO_8859-1", "windows-1252": case, - and _ don't count. */
enum charset_result charset_read(struct octets name, struct octets from, struct region *region, struct octets *utf8);

#endif
