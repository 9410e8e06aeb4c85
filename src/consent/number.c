#include "consent/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/must.h"

#define DIGITS_MAX     15 /* of E.164, country code included */
#define TEXT_MAX       64 /* octets that we look at: no number is longer, however it is dressed */
#define FULL_LEAST     11 /* digits that no national number read here has */
#define NANP           1  /* the country code of the North American Numbering Plan */
#define NANP_LENGTH    10
#define EXTENSION_FROM 7 /* digits before an x that make it an extension and not a word */

enum area_kind { PLACE, TOLL_FREE, NO_PLACE };

struct country {
    const char *iso; /* NULL: no country has this code */
    size_t shortest, longest;
};

struct national {
    const char *iso;
    unsigned code;
    const char *trunk;
    const char *international;
};

struct area {
    const char *iso; /* NULL: no row has it; it is taken for a new one of the USA */
    enum area_kind kind;
};

static const struct country countries[1000] = {
#define COUNTRY(code, iso, shortest, longest) [code] = {iso, shortest, longest},
#include "proto/country.def"
};

static const struct national nationals[] = {
#define NATIONAL(iso, code, trunk, international) {iso, code, trunk, international},
#include "proto/country.def"
};

static const struct area areas[1000] = {
#define AREA(area, iso, kind, states, zones) [area] = {iso, kind},
#include "proto/area.def"
};

/* What is left of a text when its dress is taken off. One digit more than E.164 allows is kept, so
 * that too long shows, and room for an international prefix. */
struct bare {
    char digits[DIGITS_MAX + 8];
    size_t count;
    bool has_plus;
};

static bool is_nanp(unsigned code)
{
    return code == NANP;
}

static unsigned value_of(const char *digits, size_t count)
{
    unsigned value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (unsigned)(digits[i] - '0');
    return value;
}

/* N11 codes are services (911), never areas nor exchanges; areas N9X are kept for the day when area
 * codes get longer; both parts begin with 2 to 9 (ATIS-0300051, ATIS-0300055). Toll-free
 * exchanges follow rules of their own. */
static enum number_fault check_nanp(const char *national)
{
    const char *exchange = national + 3;
    bool toll_free = areas[value_of(national, 3)].kind == TOLL_FREE;
    if (national[0] < '2' || national[1] == '9' || (national[1] == '1' && national[2] == '1'))
        return NUMBER_AREA_CODE;
    if (exchange[0] < '2' || (!toll_free && exchange[1] == '1' && exchange[2] == '1'))
        return NUMBER_EXCHANGE;
    return NUMBER_OK;
}

static const struct national *national_find(const char *iso)
{
    for (size_t i = 0; iso != NULL && i < sizeof nationals / sizeof *nationals; i++)
        if (strcmp(nationals[i].iso, iso) == 0)
            return &nationals[i];
    return NULL;
}

/* A zero that E.164 leaves out: the trunk prefix of national calls ("+44 (0)20 ..."). No national
 * number of these countries begins with one. */
static bool keeps_trunk(unsigned code, const char *national)
{
    if (national[0] != '0')
        return false;
    for (size_t i = 0; i < sizeof nationals / sizeof *nationals; i++)
        if (nationals[i].code == code && !is_nanp(code))
            return true;
    return false;
}

static enum number_fault number_make(unsigned code, const char *national, size_t count,
                                     uint64_t *out)
{
    const struct country *country = &countries[code];
    if (count < country->shortest)
        return NUMBER_TOO_SHORT;
    if (keeps_trunk(code, national))
        return NUMBER_TRUNK;
    if (count > country->longest)
        return NUMBER_TOO_LONG;
    enum number_fault fault = is_nanp(code) ? check_nanp(national) : NUMBER_OK;
    if (fault != NUMBER_OK)
        return fault;
    uint64_t number = code;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (uint64_t)(national[i] - '0');
    *out = number;
    return NUMBER_OK;
}

/* No country code is the beginning of another. */
static enum number_fault full_read(const char *digits, size_t count, uint64_t *out)
{
    for (size_t length = 1; length <= 3 && length < count; length++) {
        unsigned code = value_of(digits, length);
        if (digits[0] != '0' && countries[code].iso != NULL)
            return number_make(code, digits + length, count - length, out);
    }
    if (count <= 3 && count > 0 && digits[0] != '0')
        return NUMBER_TOO_SHORT;
    return NUMBER_UNKNOWN_COUNTRY;
}

static bool begins_with(const char *digits, size_t count, const char *prefix)
{
    size_t length = strlen(prefix);
    return count > length && memcmp(digits, prefix, length) == 0;
}

static enum number_fault national_read(const char *digits, size_t count, const char *iso,
                                       uint64_t *out)
{
    const struct national *home = national_find(iso);
    if (home == NULL)
        return iso == NULL || *iso == '\0' ? NUMBER_NO_COUNTRY : NUMBER_NOT_NATIONAL;
    if (begins_with(digits, count, home->international)) {
        size_t prefix = strlen(home->international);
        return full_read(digits + prefix, count - prefix, out);
    }
    char own[4];
    snprintf(own, sizeof own, "%u", home->code % 1000);
    if (count > countries[home->code].longest && begins_with(digits, count, own))
        return number_make(home->code, digits + strlen(own), count - strlen(own), out);
    if (is_nanp(home->code) && count == NANP_LENGTH - 3)
        return NUMBER_NO_AREA_CODE;
    if (home->trunk[0] != '\0' && !begins_with(digits, count, home->trunk))
        return NUMBER_NOT_NATIONAL;
    size_t trunk = strlen(home->trunk);
    return number_make(home->code, digits + trunk, count - trunk, out);
}

static enum number_fault bare_decide(const struct bare *bare, const char *iso, uint64_t *out)
{
    if (bare->count == 0)
        return NUMBER_EMPTY;
    if (bare->has_plus)
        return full_read(bare->digits, bare->count, out);
    if ((iso == NULL || *iso == '\0') && bare->count >= FULL_LEAST)
        return full_read(bare->digits, bare->count, out);
    return national_read(bare->digits, bare->count, iso, out);
}

/* Blanks, hyphens, dots and parentheses of every kind, and the invisible direction marks that
 * address books put around a number. */
static bool is_dress(utf8proc_int32_t point)
{
    if (point < 0x80)
        return point != 0 && strchr(" \t\r\n-.()/", (int)point) != NULL;
    return point == 0xa0 || point == 0xad || (point >= 0x2000 && point <= 0x2015) ||
           (point >= 0x202a && point <= 0x202f) || (point >= 0x2060 && point <= 0x2069) ||
           point == 0x2212 || point == 0x3000 || point == 0xfeff || point == 0xff0d;
}

static enum number_fault fault_of(utf8proc_int32_t point, size_t digits)
{
    bool is_letter = point < 0x80 ? (point | 0x20) >= 'a' && (point | 0x20) <= 'z'
                                  : utf8proc_category(point) <= UTF8PROC_CATEGORY_LO &&
                                        utf8proc_category(point) >= UTF8PROC_CATEGORY_LU;
    if (digits >= EXTENSION_FROM && point < 0x80 && point != 0 &&
        strchr("xXeE#;,", (int)point) != NULL)
        return NUMBER_EXTENSION;
    return is_letter ? NUMBER_LETTERS : NUMBER_CHARACTERS;
}

static enum number_fault bare_take(struct bare *bare, utf8proc_int32_t point)
{
    if (point >= 0xff01 && point <= 0xff5e)
        point -= 0xfee0; /* the full-width form of an ASCII character */
    if (point >= '0' && point <= '9') {
        if (bare->count == sizeof bare->digits)
            return NUMBER_TOO_LONG;
        bare->digits[bare->count++] = (char)point;
        return NUMBER_OK;
    }
    if (point == '+' && !bare->has_plus && bare->count == 0) {
        bare->has_plus = true;
        return NUMBER_OK;
    }
    return is_dress(point) ? NUMBER_OK : fault_of(point, bare->count);
}

static struct octets without_scheme(struct octets text)
{
    while (text.length > 0 && text.at[0] <= ' ')
        text = octets_of(text.at + 1, text.length - 1);
    if (text.length >= 4 && strncasecmp((const char *)text.at, "tel:", 4) == 0) /* RFC 3966 */
        return octets_of(text.at + 4, text.length - 4);
    return text;
}

static enum number_fault bare_read(struct octets text, struct bare *bare)
{
    *bare = (struct bare){.count = 0};
    text = without_scheme(text);
    if (text.length > TEXT_MAX)
        return NUMBER_TOO_LONG;
    for (size_t at = 0; at < text.length;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t step =
            utf8proc_iterate(text.at + at, (utf8proc_ssize_t)(text.length - at), &point);
        if (step <= 0)
            return NUMBER_CHARACTERS;
        enum number_fault fault = bare_take(bare, point);
        if (fault != NUMBER_OK)
            return fault;
        at += (size_t)step;
    }
    return NUMBER_OK;
}

enum number_fault number_read(struct octets text, const char *default_country, uint64_t *out)
{
    struct bare bare;
    *out = 0;
    enum number_fault fault = bare_read(text, &bare);
    return fault != NUMBER_OK ? fault : bare_decide(&bare, default_country, out);
}

/* Digits without a plus, under TON 1. Some put the international prefix there as well (F171). */
static enum number_fault international_decide(const struct bare *bare, const char *country,
                                              uint64_t *out)
{
    uint64_t full = 0, national = 0;
    size_t prefix = begins_with(bare->digits, bare->count, "00") ? 2 : 0;
    enum number_fault fault = full_read(bare->digits + prefix, bare->count - prefix, &full);
    bool is_national = national_read(bare->digits, bare->count, country, &national) == NUMBER_OK;
    if (fault == NUMBER_OK && is_national && full != national)
        return NUMBER_UNCLEAR;
    *out = fault == NUMBER_OK ? full : national;
    return *out != 0 ? NUMBER_OK : fault;
}

enum number_fault number_of_smpp(uint8_t ton, struct octets digits, const char *country,
                                 uint64_t *out)
{
    struct bare bare = {.count = 0};
    *out = 0;
    if (ton == 5) /* alphanumeric (SMPP 3.4 5.2.5) */
        return NUMBER_LETTERS;
    for (size_t i = 0; i < digits.length; i++) {
        if (is_dress(digits.at[i]))
            return NUMBER_CHARACTERS;
        enum number_fault fault = bare_take(&bare, digits.at[i]);
        if (fault != NUMBER_OK)
            return fault;
    }
    if (ton == 1 && !bare.has_plus && bare.count > 0)
        return international_decide(&bare, country, out);
    enum number_fault fault = bare_decide(&bare, country, out);
    if (fault != NUMBER_OK && bare.count >= FULL_LEAST &&
        full_read(bare.digits, bare.count, out) == NUMBER_OK)
        return NUMBER_OK; /* a full number under the TON of a national one (F172) */
    return fault;
}

const char *number_fault_text(enum number_fault fault)
{
    static const char *const texts[NUMBER_FAULTS] = {
        [NUMBER_OK] = "it is a phone number",
        [NUMBER_EMPTY] = "there is no phone number",
        [NUMBER_EXTENSION] = "it has an extension, which a text can't reach",
        [NUMBER_LETTERS] = "it has letters in it",
        [NUMBER_CHARACTERS] = "it has characters that no phone number has",
        [NUMBER_TOO_SHORT] = "it has too few digits",
        [NUMBER_TOO_LONG] = "it has too many digits",
        [NUMBER_NO_AREA_CODE] = "it has no area code",
        [NUMBER_NO_COUNTRY] = "it doesn't say its country: write + and the country code first",
        [NUMBER_NOT_NATIONAL] =
            "it isn't a number of the default country: write + and the country code first",
        [NUMBER_UNKNOWN_COUNTRY] = "no country has the country code that it begins with",
        [NUMBER_AREA_CODE] = "its area code can't exist",
        [NUMBER_EXCHANGE] = "the three digits behind its area code can't exist",
        [NUMBER_TRUNK] = "it has a 0 in front that only national calls use: leave it out",
        [NUMBER_UNCLEAR] = "it can be a national number and a foreign one",
    };
    must(fault < NUMBER_FAULTS);
    return texts[fault];
}

bool number_is_sound(uint64_t number)
{
    return number > 0 && number <= UINT64_C(999999999999999);
}

void number_write(uint64_t number, char out[NUMBER_TEXT_SIZE])
{
    char digits[NUMBER_TEXT_SIZE];
    size_t count = 0;
    must(number_is_sound(number));
    for (; number > 0; number /= 10)
        digits[count++] = (char)('0' + number % 10);
    *out++ = '+';
    while (count > 0)
        *out++ = digits[--count];
    *out = '\0';
}

unsigned number_area(uint64_t number)
{
    if (number / UINT64_C(10000000000) != NANP)
        return 0;
    return (unsigned)(number / 10000000 % 1000);
}

const char *number_country(uint64_t number)
{
    unsigned area = number_area(number);
    if (area != 0)
        return areas[area].iso != NULL ? areas[area].iso : "US";
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, number);
    if (digits[0] == '7' && (digits[1] == '6' || digits[1] == '7'))
        return "KZ"; /* shares code 7 with Russia */
    for (size_t length = 1; length <= 3 && length < (size_t)count; length++)
        if (countries[value_of(digits, length)].iso != NULL && digits[0] != '0')
            return countries[value_of(digits, length)].iso;
    return "";
}

bool number_is_toll_free(uint64_t number)
{
    unsigned area = number_area(number);
    return area != 0 && areas[area].kind == TOLL_FREE;
}
