#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct octets from, char *out)
{
    for (size_t at = 0; at < from.length; at += 3) {
        size_t left = from.length - at;
        uint32_t group = (uint32_t)from.at[at] << 16;
        group |= left > 1 ? (uint32_t)from.at[at + 1] << 8 : 0;
        group |= left > 2 ? from.at[at + 2] : 0;
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[group & 63] : '=';
    }
    *out = '\0';
}

/* How many characters of the last group are padding. */
static size_t padding_of(struct octets text)
{
    size_t count = 0;
    while (count < 2 && count < text.length && text.at[text.length - 1 - count] == '=')
        count++;
    return count;
}

/* The bits of four characters; those of padding are 0. False: one of the others is none. */
static bool group_read(const uint8_t *at, size_t padding, uint32_t *group)
{
    *group = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *digit = i < 4 - padding ? memchr(digits, at[i], 64) : digits;
        if (digit == NULL)
            return false;
        *group = *group << 6 | (uint32_t)(digit - digits);
    }
    return true;
}

bool base64_read(struct octets text, uint8_t *out, size_t *length)
{
    *length = 0;
    if (text.length % 4 != 0)
        return false;
    for (size_t at = 0; at < text.length; at += 4) {
        uint32_t group;
        size_t padding = at + 4 == text.length ? padding_of(text) : 0;
        if (!group_read(text.at + at, padding, &group) || (group & ((1u << 8 * padding) - 1)) != 0)
            return false;
        for (size_t i = 0; i < 3 - padding; i++)
            out[(*length)++] = (uint8_t)(group >> (16 - 8 * i));
    }
    return true;
}
