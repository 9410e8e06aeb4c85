#include "base/netstring.h"

#include <stdlib.h>

#include "base/must.h"

#define DECIMAL_SIZE 20 /* of INT64_MIN, with its sign */

/* Room for so many octets more, at the end. */
static uint8_t *room_for(struct netstrings *list, size_t length)
{
    if (list->room - list->length < length) {
        list->room = (list->room + length) * 2 + 512;
        list->at = mem_grow(list->at, list->room);
    }
    return list->at + list->length;
}

/* Writes to the end of `out` and gives where it begins: each message is digested, and snprintf is slow. */
static char *decimal(uint64_t value, char out[DECIMAL_SIZE])
{
    char *at = out + DECIMAL_SIZE;
    do
        *--at = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    return at;
}

void netstring_put(struct netstrings *list, struct octets value)
{
    char digits[DECIMAL_SIZE];
    const char *first = decimal(value.length, digits);
    size_t count = (size_t)(digits + DECIMAL_SIZE - first);
    uint8_t *at = room_for(list, count + value.length + 2);
    memcpy(at, first, count);
    at += count;
    *at++ = ':';
    if (value.length > 0)
        memcpy(at, value.at, value.length);
    at[value.length] = ',';
    list->length += count + value.length + 2;
}

void netstring_text(struct netstrings *list, const char *text)
{
    if (text != NULL) {
        netstring_put(list, octets_text(text));
        return;
    }
    memcpy(room_for(list, 2), "-,", 2);
    list->length += 2;
}

void netstring_int(struct netstrings *list, int64_t value)
{
    char digits[DECIMAL_SIZE];
    char *at = decimal(value < 0 ? -(uint64_t)value : (uint64_t)value, digits);
    if (value < 0)
        *--at = '-';
    netstring_put(list, octets_of(at, (size_t)(digits + DECIMAL_SIZE - at)));
}

void netstring_end(struct netstrings *list)
{
    *room_for(list, 1) = '\0';
}

bool netstring_next(struct octets *list, struct octets *value)
{
    size_t at = 0, length = 0;
    for (; at < list->length && list->at[at] >= '0' && list->at[at] <= '9'; at++)
        if (__builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, (size_t)(list->at[at] - '0'), &length))
            return false;
    if (at == 0 || at == list->length || list->at[at] != ':' || length >= list->length - at - 1 ||
        list->at[at + 1 + length] != ',')
        return false;
    *value = octets_of(list->at + at + 1, length);
    *list = octets_of(list->at + at + length + 2, list->length - at - length - 2);
    return true;
}

void netstrings_digest(struct netstrings *list, uint8_t out[DIGEST_SIZE])
{
    digest_sha256(octets_of(list->at, list->length), out);
    list->length = 0;
}

void netstrings_free(struct netstrings *list)
{
    free(list->at);
    *list = (struct netstrings){0};
}
