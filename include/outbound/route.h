/* route: which carrier a program's messages take now: the first in its order of preference that is up. */
#ifndef OUTBOUND_ROUTE_H
#define OUTBOUND_ROUTE_H

#include "outbound/carrier.h"

struct program;

struct carrier *route_find(struct carriers *carriers, const struct program *program); /* NULL: none is up */
const char *route_name(struct carriers *carriers, const struct program *program);     /* "": none is up */

#endif
