/* packet: a file that may be a consent packet (consent/proof.h) instead of an export. */
#ifndef CLI_PACKET_H
#define CLI_PACKET_H

#include <jansson.h>
#include <stdio.h>

/* NULL: it is none, and the file is where it was. The caller owns it. */
json_t *packet_read(FILE *file);

#endif
