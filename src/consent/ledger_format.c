#include "consent/ledger_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"

/* Octets that grow as netstrings are put behind each other: "5:hello,". */
struct strip {
    char *at;
    size_t length, room;
};

static void strip_put(struct strip *strip, const void *from, size_t length)
{
    if (strip->room - strip->length < length) {
        strip->room = (strip->room + length) * 2 + 512;
        strip->at = mem_grow(strip->at, strip->room);
    }
    memcpy(strip->at + strip->length, from, length);
    strip->length += length;
}

static void strip_netstring(struct strip *strip, struct octets value)
{
    char head[24];
    int length = snprintf(head, sizeof head, "%zu:", value.length);
    strip_put(strip, head, (size_t)length);
    if (value.length > 0)
        strip_put(strip, value.at, value.length);
    strip_put(strip, ",", 1);
}

/* A length always begins with a digit, so nothing else reads as "none". */
static void strip_text(struct strip *strip, const char *text)
{
    if (text == NULL)
        strip_put(strip, "-,", 2);
    else
        strip_netstring(strip, octets_text(text));
}

static void strip_digest(struct strip *strip, char out[DIGEST_HEX_SIZE])
{
    digest_sha256_hex(octets_of(strip->at, strip->length), out);
    free(strip->at);
}

void ledger_format_digest(const char *field, struct octets salt, struct octets value,
                          char out[DIGEST_HEX_SIZE])
{
    struct strip strip = {0};
    strip_text(&strip, field);
    strip_netstring(&strip, salt);
    strip_netstring(&strip, value);
    strip_digest(&strip, out);
}

void ledger_format_hash(const struct ledger_row *row, char out[DIGEST_HEX_SIZE])
{
    char seq[24];
    struct strip strip = {0};
    snprintf(seq, sizeof seq, "%" PRId64, row->seq);
    strip_text(&strip, "assent-ledger-1");
    strip_text(&strip, row->prev_hash);
    strip_text(&strip, seq);
    strip_text(&strip, row->at);
    strip_text(&strip, row->kind);
    strip_text(&strip, row->program);
    strip_text(&strip, row->number_digest);
    strip_text(&strip, row->payload_digest);
    strip_digest(&strip, out);
}
