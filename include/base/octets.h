/* octets: a view of bytes that somebody else owns. It may hold NULs and needs none at its end. */
#ifndef BASE_OCTETS_H
#define BASE_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct octets {
    const uint8_t *at; /* borrowed; may be NULL when length is 0 */
    size_t length;
};

static inline struct octets octets_of(const void *at, size_t length)
{
    return (struct octets){.at = at, .length = length};
}

/* The octets of a C string, without its NUL. NULL gives the empty view. */
static inline struct octets octets_text(const char *text)
{
    return octets_of(text, text == NULL ? 0 : strlen(text));
}

/* Without the spaces (0x20) around them. */
static inline struct octets octets_trimmed(struct octets octets)
{
    while (octets.length > 0 && octets.at[0] == ' ')
        octets = octets_of(octets.at + 1, octets.length - 1);
    while (octets.length > 0 && octets.at[octets.length - 1] == ' ')
        octets.length--;
    return octets;
}

static inline bool octets_equal(struct octets a, struct octets b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* Copies into a buffer of `size` octets and ends it with a NUL; false, with nothing but the NUL
 * written, if it doesn't fit or holds a NUL itself. */
static inline bool octets_copy_text(struct octets from, char *out, size_t size)
{
    out[0] = '\0';
    if (from.length >= size || (from.length > 0 && memchr(from.at, 0, from.length) != NULL))
        return false;
    if (from.length > 0)
        memcpy(out, from.at, from.length);
    out[from.length] = '\0';
    return true;
}

/* Lower-case hexadecimal; `out` has room for 2 * length + 1. */
void octets_to_hex(struct octets from, char *out);

/* Reads hexadecimal of either case, no blanks. `out` has room for length / 2. False: a digit that
 * is none, or an odd number of them. */
bool octets_from_hex(struct octets hex, uint8_t *out);

#endif
