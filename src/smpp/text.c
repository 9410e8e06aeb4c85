#include "smpp/text.h"

#include "base/must.h"
#include "base/region.h"
#include "smpp/gsm7.h"

#define REPLACEMENT 0xFFFD

static const struct gsm7_tables defaults = {0, 0};

static struct octets octets_after(struct octets from, size_t count)
{
    return octets_of(from.at + count, from.length - count);
}

static bool is_surrogate(uint32_t character)
{
    return character >= 0xD800 && character <= 0xDFFF;
}

bool text_take(struct octets *rest, uint32_t *character)
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
        if (!text_take(&text, &character))
            return false;
    return true;
}

enum text_alphabet text_choose(struct octets utf8)
{
    uint32_t character;
    uint8_t septets[2];
    while (utf8.length > 0)
        if (!text_take(&utf8, &character) || gsm7_put(defaults, character, septets) == 0)
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
static size_t character_put(uint32_t character, struct text_form form, uint8_t *out)
{
    switch (form.alphabet) {
    case TEXT_GSM7:
        return gsm7_put(form.tables, character, out);
    case TEXT_UCS2:
        return utf16_put(character, out);
    case TEXT_LATIN1:
        return octet_put(character, 0xFF, out);
    case TEXT_ASCII:
        return octet_put(character, 0x7F, out);
    case TEXT_BINARY: /* and what is read, but never written */
    case TEXT_CYRILLIC:
    case TEXT_HEBREW:
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
bool text_encode_form(struct octets utf8, struct text_form form, struct region *region,
                      struct octets *out)
{
    uint8_t *start = region_get(region, 2 * utf8.length + 1);
    uint8_t *end = start;
    bool has_plain = form.alphabet == TEXT_GSM7 && form.tables.locking == 0;
    while (utf8.length > 0) {
        uint32_t character;
        size_t taken = has_plain ? plain_take(&utf8, end) : 0;
        if (taken == 0) {
            if (!text_take(&utf8, &character))
                return false;
            taken = character_put(character, form, end);
            if (taken == 0)
                return false;
        }
        end += taken;
    }
    *out = octets_of(start, (size_t)(end - start));
    return form.alphabet <= TEXT_ASCII;
}

bool text_encode(struct octets utf8, enum text_alphabet alphabet, struct region *region,
                 struct octets *out)
{
    return text_encode_form(utf8, (struct text_form){.alphabet = alphabet}, region, out);
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

static struct octets decode_gsm7(struct octets raw, struct gsm7_tables tables,
                                 struct region *region)
{
    uint8_t *start = region_get(region, 3 * raw.length + 1); /* no table goes beyond U+FFFF */
    uint8_t *end = start;
    while (raw.length > 0) {
        size_t plain = tables.locking == 0 ? plain_take(&raw, end) : 0;
        end += plain > 0 ? plain : utf8_put(gsm7_take(tables, &raw), end);
    }
    return octets_of(start, (size_t)(end - start));
}

static uint32_t latin1_of(uint8_t octet)
{
    return octet;
}

/* ISO 8859-5: four of its upper half are no Cyrillic letters. */
static uint32_t cyrillic_of(uint8_t octet)
{
    if (octet <= 0xA0 || octet == 0xAD)
        return octet;
    if (octet == 0xF0)
        return 0x2116;
    return octet == 0xFD ? 0xA7 : 0x360u + octet;
}

/* ISO 8859-8, with its marks of direction. */
static uint32_t hebrew_of(uint8_t octet)
{
    if (octet >= 0xE0 && octet <= 0xFA)
        return 0x4F0u + octet;
    if (octet == 0xAA || octet == 0xBA)
        return octet == 0xAA ? 0xD7 : 0xF7;
    if (octet <= 0xBE && octet != 0xA1)
        return octet;
    if (octet == 0xFD || octet == 0xFE)
        return octet == 0xFD ? 0x200E : 0x200F;
    return octet == 0xDF ? 0x2017 : REPLACEMENT;
}

/* No character is beyond U+FFFF. */
static struct octets decode_each(struct octets raw, uint32_t (*character_of)(uint8_t octet),
                                 struct region *region)
{
    uint8_t *start = region_get(region, 3 * raw.length + 1);
    uint8_t *end = start;
    for (size_t i = 0; i < raw.length; i++)
        end += utf8_put(character_of(raw.at[i]), end);
    return octets_of(start, (size_t)(end - start));
}

/* Octets whose alphabet nobody told, or told wrongly (F221). */
static struct octets decode_guess(struct octets raw, struct region *region)
{
    return text_is_utf8(raw) ? region_copy(region, raw)
                             : decode_each(raw, latin1_of, region);
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

static struct octets decode_form(struct octets raw, struct text_form form, struct region *region,
                                 unsigned *oddities)
{
    enum text_alphabet alphabet = form.alphabet;
    if (alphabet == TEXT_UCS2)
        return decode_ucs2(raw, region, oddities);
    if (alphabet == TEXT_BINARY)
        *oddities |= TEXT_IS_BINARY;
    if ((alphabet == TEXT_GSM7 || alphabet == TEXT_ASCII) && has_high_octet(raw))
        *oddities |= TEXT_HIGH_OCTET;
    else if (alphabet == TEXT_GSM7)
        return decode_gsm7(raw, form.tables, region);
    raw = without_nul(raw, oddities);
    if (alphabet == TEXT_CYRILLIC || alphabet == TEXT_HEBREW)
        return decode_each(raw, alphabet == TEXT_HEBREW ? hebrew_of : cyrillic_of, region);
    return alphabet == TEXT_LATIN1 ? decode_each(raw, latin1_of, region) : decode_guess(raw, region);
}

struct octets text_decode_as(struct octets raw, enum text_alphabet alphabet, struct region *region,
                             unsigned *oddities)
{
    unsigned unasked = 0;
    if (oddities != NULL)
        *oddities = 0;
    return decode_form(raw, (struct text_form){.alphabet = alphabet}, region,
                       oddities == NULL ? &unasked : oddities);
}

struct octets text_decode(struct octets raw, uint8_t data_coding, struct region *region,
                          unsigned *oddities)
{
    return text_decode_as(raw, text_alphabet_of(data_coding), region, oddities);
}

/* Of the septets that a carrier packs, all are packed; other meanings are those of 0 alone. */
static enum text_alphabet alphabet_at(uint8_t data_coding, enum text_zero zero)
{
    if (data_coding != 0 || text_zero_is_gsm7(zero))
        return text_alphabet_of(data_coding);
    return zero == TEXT_ZERO_LATIN1 ? TEXT_LATIN1 : TEXT_ASCII;
}

struct octets text_septets(struct octets raw, const struct text_source *source,
                           struct region *region)
{
    if (source->zero != TEXT_ZERO_PACKED || text_alphabet_of(source->data_coding) != TEXT_GSM7)
        return raw;
    uint8_t *septets = region_get(region, GSM7_UNPACKED(raw.length));
    return octets_of(septets, gsm7_unpack(raw, source->header_length, septets));
}

struct octets text_read(struct octets raw, const struct text_source *source, struct region *region,
                        unsigned *oddities)
{
    unsigned unasked = 0;
    struct text_form form = {.alphabet = alphabet_at(source->data_coding, source->zero),
                             .tables = source->tables};
    if (oddities != NULL)
        *oddities = 0;
    return decode_form(text_septets(raw, source, region), form, region,
                       oddities == NULL ? &unasked : oddities);
}

/* ---- towards a carrier ---- */

static uint32_t last_of(enum text_zero zero)
{
    return zero == TEXT_ZERO_LATIN1 ? 0xFF : zero == TEXT_ZERO_ASCII ? 0x7F : 0xFFFF;
}

bool text_zero_holds(enum text_zero zero, struct octets septets, struct gsm7_tables tables)
{
    if (text_zero_is_gsm7(zero) || tables.locking != 0 || tables.single != 0)
        return text_zero_is_gsm7(zero);
    while (septets.length > 0)
        if (gsm7_take(tables, &septets) > last_of(zero))
            return false;
    return true;
}

size_t text_zero_write(enum text_zero zero, struct octets septets, size_t header_length,
                       uint8_t *out)
{
    size_t length = 0;
    if (zero == TEXT_ZERO_PACKED)
        return gsm7_pack(septets, header_length, out);
    while (septets.length > 0) {
        if (zero == TEXT_ZERO_GSM7) {
            memcpy(out, septets.at, septets.length);
            return septets.length;
        }
        out[length++] = (uint8_t)gsm7_take(defaults, &septets);
    }
    return length;
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
    case 0x06:
        return TEXT_CYRILLIC;
    case 0x07:
        return TEXT_HEBREW;
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
                                      [TEXT_BINARY] = 0x04,
                                      [TEXT_CYRILLIC] = 0x06,
                                      [TEXT_HEBREW] = 0x07};
    must(alphabet <= TEXT_HEBREW);
    return codings[alphabet];
}
