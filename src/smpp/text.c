#include "smpp/text.h"

#include "base/must.h"
#include "base/region.h"
#include "smpp/gsm7.h"

#define REPLACEMENT 0xFFFD

static struct octets octets_after(struct octets from, size_t count)
{
    return octets_of(from.at + count, from.length - count);
}

static bool is_surrogate(uint32_t character)
{
    return character >= 0xD800 && character <= 0xDFFF;
}

/* Takes one character off `rest`, which holds something. False: no UTF-8 (RFC 3629). */
static bool utf8_take(struct octets *rest, uint32_t *character)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = rest->at[0];
    size_t more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || rest->length <= more)
        return false;
    uint32_t value = more == 0 ? first : first & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((rest->at[i] & 0xC0) != 0x80)
            return false;
        value = value << 6 | (rest->at[i] & 0x3F);
    }
    if (value < least[more] || value > 0x10FFFF || is_surrogate(value))
        return false;
    *rest = octets_after(*rest, more + 1);
    *character = value;
    return true;
}

static size_t utf8_put(uint32_t character, uint8_t *out)
{
    size_t more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    if (more == 0) {
        out[0] = (uint8_t)character;
        return 1;
    }
    out[0] = (uint8_t)((0xF0u << (3 - more) & 0xFF) | character >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (uint8_t)(0x80 | (character >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

bool text_is_utf8(struct octets text)
{
    uint32_t character;
    while (text.length > 0)
        if (!utf8_take(&text, &character))
            return false;
    return true;
}

enum text_alphabet text_choose(struct octets utf8)
{
    uint32_t character;
    uint8_t septets[2];
    while (utf8.length > 0)
        if (!utf8_take(&utf8, &character) || gsm7_put(character, septets) == 0)
            return TEXT_UCS2;
    return TEXT_GSM7;
}

static size_t unit_put(uint32_t unit, uint8_t *out)
{
    out[0] = (uint8_t)(unit >> 8);
    out[1] = (uint8_t)unit;
    return 2;
}

static size_t utf16_put(uint32_t character, uint8_t *out)
{
    if (character < 0x10000)
        return unit_put(character, out);
    unit_put(0xD800 + ((character - 0x10000) >> 10), out);
    unit_put(0xDC00 + (character & 0x3FF), out + 2);
    return 4;
}

static size_t octet_put(uint32_t character, uint32_t last, uint8_t *out)
{
    if (character > last)
        return 0;
    out[0] = (uint8_t)character;
    return 1;
}

/* How many octets the character took; 0: the alphabet lacks it. */
static size_t character_put(uint32_t character, enum text_alphabet alphabet, uint8_t *out)
{
    switch (alphabet) {
    case TEXT_GSM7:
        return gsm7_put(character, out);
    case TEXT_UCS2:
        return utf16_put(character, out);
    case TEXT_LATIN1:
        return octet_put(character, 0xFF, out);
    case TEXT_ASCII:
        return octet_put(character, 0x7F, out);
    case TEXT_BINARY:
        break;
    }
    return 0;
}

/* Copies what is the same in UTF-8 and GSM 03.38; gives its length. */
static size_t plain_take(struct octets *rest, uint8_t *out)
{
    size_t length = gsm7_plain(*rest);
    if (length > 0)
        memcpy(out, rest->at, length);
    *rest = octets_after(*rest, length);
    return length;
}

/* No alphabet takes more than two octets for one of UTF-8: an ASCII letter in UCS-2, a brace in
 * GSM. */
bool text_encode(struct octets utf8, enum text_alphabet alphabet, struct region *region,
                 struct octets *out)
{
    uint8_t *start = region_get(region, 2 * utf8.length + 1);
    uint8_t *end = start;
    while (utf8.length > 0) {
        uint32_t character;
        size_t taken = alphabet == TEXT_GSM7 ? plain_take(&utf8, end) : 0;
        if (taken == 0) {
            if (!utf8_take(&utf8, &character))
                return false;
            taken = character_put(character, alphabet, end);
            if (taken == 0)
                return false;
        }
        end += taken;
    }
    *out = octets_of(start, (size_t)(end - start));
    return alphabet != TEXT_BINARY;
}

struct octets text_without_nul(struct octets raw)
{
    bool has_nul = raw.length > 0 && raw.at[raw.length - 1] == 0;
    return octets_of(raw.at, raw.length - (has_nul ? 1 : 0));
}

static struct octets without_nul(struct octets raw, unsigned *oddities)
{
    struct octets rest = text_without_nul(raw);
    if (rest.length != raw.length)
        *oddities |= TEXT_FINAL_NUL;
    return rest;
}

static bool has_high_octet(struct octets raw)
{
    for (size_t i = 0; i < raw.length; i++)
        if (raw.at[i] > 0x7F)
            return true;
    return false;
}

static struct octets decode_gsm7(struct octets raw, struct region *region)
{
    uint8_t *start = region_get(region, 3 * raw.length + 1); /* the longest is the euro sign's 3 */
    uint8_t *end = start;
    while (raw.length > 0) {
        size_t plain = plain_take(&raw, end);
        end += plain > 0 ? plain : utf8_put(gsm7_take(&raw), end);
    }
    return octets_of(start, (size_t)(end - start));
}

static struct octets decode_latin1(struct octets raw, struct region *region)
{
    uint8_t *start = region_get(region, 2 * raw.length + 1);
    uint8_t *end = start;
    for (size_t i = 0; i < raw.length; i++)
        end += utf8_put(raw.at[i], end);
    return octets_of(start, (size_t)(end - start));
}

/* Octets whose alphabet nobody told, or told wrongly (F221). */
static struct octets decode_guess(struct octets raw, struct region *region)
{
    return text_is_utf8(raw) ? region_copy(region, raw) : decode_latin1(raw, region);
}

static uint32_t unit_at(struct octets raw, size_t at, bool is_swapped)
{
    return is_swapped ? (uint32_t)(raw.at[at + 1] << 8 | raw.at[at])
                      : (uint32_t)(raw.at[at] << 8 | raw.at[at + 1]);
}

/* Takes one character off `rest`, which holds an even number of octets, at least two. */
static uint32_t utf16_take(struct octets *rest, bool is_swapped, unsigned *oddities)
{
    uint32_t first = unit_at(*rest, 0, is_swapped);
    uint32_t second = rest->length >= 4 ? unit_at(*rest, 2, is_swapped) : 0;
    bool is_pair = (first & 0xFC00) == 0xD800 && (second & 0xFC00) == 0xDC00;
    *rest = octets_after(*rest, is_pair ? 4 : 2);
    if (is_pair)
        return 0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF));
    if (!is_surrogate(first))
        return first;
    *oddities |= TEXT_LONE_SURROGATE;
    return REPLACEMENT;
}

static struct octets without_byte_order(struct octets raw, bool *is_swapped, unsigned *oddities)
{
    uint32_t mark = raw.length >= 2 ? unit_at(raw, 0, false) : 0;
    *is_swapped = mark == 0xFFFE;
    if (mark != 0xFEFF && mark != 0xFFFE)
        return raw;
    *oddities |= TEXT_BYTE_ORDER;
    return octets_after(raw, 2);
}

static struct octets decode_ucs2(struct octets raw, struct region *region, unsigned *oddities)
{
    if (raw.length % 2 != 0) {
        *oddities |= TEXT_ODD_OCTET;
        raw.length--;
    }
    bool is_swapped;
    raw = without_byte_order(raw, &is_swapped, oddities);
    if (raw.length > 0 && unit_at(raw, raw.length - 2, false) == 0) {
        *oddities |= TEXT_FINAL_NUL;
        raw.length -= 2;
    }
    uint8_t *start = region_get(region, 3 * (raw.length / 2) + 1);
    uint8_t *end = start;
    while (raw.length > 0)
        end += utf8_put(utf16_take(&raw, is_swapped, oddities), end);
    return octets_of(start, (size_t)(end - start));
}

struct octets text_decode_as(struct octets raw, enum text_alphabet alphabet, struct region *region,
                             unsigned *oddities)
{
    unsigned unasked;
    if (oddities == NULL)
        oddities = &unasked;
    *oddities = 0;
    if (alphabet == TEXT_UCS2)
        return decode_ucs2(raw, region, oddities);
    if (alphabet == TEXT_BINARY)
        *oddities |= TEXT_IS_BINARY;
    if ((alphabet == TEXT_GSM7 || alphabet == TEXT_ASCII) && has_high_octet(raw))
        *oddities |= TEXT_HIGH_OCTET;
    else if (alphabet == TEXT_GSM7)
        return decode_gsm7(raw, region);
    raw = without_nul(raw, oddities);
    return alphabet == TEXT_LATIN1 ? decode_latin1(raw, region) : decode_guess(raw, region);
}

struct octets text_decode(struct octets raw, uint8_t data_coding, struct region *region,
                          unsigned *oddities)
{
    return text_decode_as(raw, text_alphabet_of(data_coding), region, oddities);
}

/* 23.038 section 4, bits 3 and 2 of the general groups; 11 is reserved, and reserved means GSM. */
static enum text_alphabet alphabet_of_group(uint8_t data_coding)
{
    static const enum text_alphabet alphabets[] = {TEXT_GSM7, TEXT_BINARY, TEXT_UCS2, TEXT_GSM7};
    return alphabets[data_coding >> 2 & 3];
}

/* SMPP's own sixteen (3.4 5.2.19); 0B, 0C and 0F are reserved there, and read by 23.038. */
static enum text_alphabet alphabet_of_smpp(uint8_t data_coding)
{
    switch (data_coding) {
    case 0x01:
        return TEXT_ASCII;
    case 0x03:
        return TEXT_LATIN1;
    case 0x00:
    case 0x08:
    case 0x0B:
    case 0x0C:
    case 0x0F:
        return alphabet_of_group(data_coding);
    default:
        return TEXT_BINARY;
    }
}

enum text_alphabet text_alphabet_of(uint8_t data_coding)
{
    if (data_coding < 0x10)
        return alphabet_of_smpp(data_coding);
    if (data_coding < 0x80) {
        bool is_compressed = (data_coding & 0x20) != 0;
        return is_compressed ? TEXT_BINARY : alphabet_of_group(data_coding);
    }
    if (data_coding >= 0xF0)
        return (data_coding & 0x04) != 0 ? TEXT_BINARY : TEXT_GSM7;
    return data_coding >= 0xE0 ? TEXT_UCS2 : TEXT_GSM7;
}

uint8_t text_data_coding(enum text_alphabet alphabet)
{
    static const uint8_t codings[] = {[TEXT_GSM7] = 0x00,
                                      [TEXT_UCS2] = 0x08,
                                      [TEXT_LATIN1] = 0x03,
                                      [TEXT_ASCII] = 0x01,
                                      [TEXT_BINARY] = 0x04};
    must(alphabet <= TEXT_BINARY);
    return codings[alphabet];
}
