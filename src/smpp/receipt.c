/* The text of a receipt is a list of keys with values: a value runs to the next key. Carriers agree
 * on little more, so a key is found by what stands before and behind it, never by its place:
 *
 *     12065550142Alerts^id:10A4BC01 sub:0 done  date:2603140927 stat:DELIVRD err:000 text:id:9
 *     `--- junk ---'                     `-- one key ---'                                `-- no key
 *
 * What follows `text:` was written by a sender. Reading keys there would let him forge receipts. */
#include "smpp/receipt.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "smpp/esm_class.h"
#include "smpp/parts.h"
#include "smpp/smpp_time.h"
#include "smpp/text.h"

#define STRANGE_KEY_MOST  32 /* octets of a key that we don't know */
#define DATE_FAR_MS       (INT64_C(400) * 86400000)

enum key {
#define RECEIPT_KEY(name, first, second) KEY_##name,
#include "proto/receipt.def"
    KEYS,
    KEY_STRANGE = KEYS, /* ends the value before it, and is skipped */
    KEY_NONE
};

struct fields {
    bool has[KEYS];
    struct octets values[KEYS]; /* of each the first; without blanks and quotes around it */
    struct octets ids[RECEIPT_IDS];
    unsigned id_count;
    struct octets overlong_id;
    bool is_behind_text; /* an empty text: was passed: no id is taken any more */
    bool contradicts;
};

/* -- characters: ASCII whatever the locale says ------------------------------------------------ */

static bool is_blank(uint8_t octet)
{
    return octet <= ' ' || octet == 0x7F;
}

static bool is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
}

static bool is_letter(uint8_t octet)
{
    return lower(octet) >= 'a' && lower(octet) <= 'z';
}

static bool is_of_word(uint8_t octet)
{
    return is_letter(octet) || is_digit(octet) || octet == '_' || octet == '-';
}

static struct octets slice(struct octets from, size_t begin, size_t end)
{
    return begin == end ? octets_of(NULL, 0) : octets_of(from.at + begin, end - begin);
}

static struct octets cut_to(struct octets from, size_t most)
{
    return octets_of(from.at, from.length < most ? from.length : most);
}

static size_t skip_blanks(struct octets text, size_t at)
{
    while (at < text.length && is_blank(text.at[at]))
        at++;
    return at;
}

static struct octets trim(struct octets value)
{
    size_t begin = skip_blanks(value, 0);
    size_t end = value.length;
    while (end > begin && is_blank(value.at[end - 1]))
        end--;
    return slice(value, begin, end);
}

static bool is_quote(uint8_t octet)
{
    return octet == '"' || octet == '\'';
}

static struct octets trim_quoted(struct octets value)
{
    value = trim(value);
    size_t begin = 0, end = value.length;
    while (begin < end && is_quote(value.at[begin]))
        begin++;
    while (end > begin && is_quote(value.at[end - 1]))
        end--;
    return trim(slice(value, begin, end));
}

static struct octets first_word(struct octets value)
{
    size_t end = 0;
    while (end < value.length && !is_blank(value.at[end]))
        end++;
    return slice(value, 0, end);
}

static bool equal_caseless(struct octets a, struct octets b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

/* -- keys -------------------------------------------------------------------------------------- */

static const struct {
    const char *first, *second;
} keys[KEYS] = {
#define RECEIPT_KEY(name, first, second) {first, second},
#include "proto/receipt.def"
};

/* Moves `at` behind the word, if it stands there. */
static bool pass_word(struct octets text, size_t *at, const char *word)
{
    size_t length = strlen(word);
    if (text.length - *at < length ||
        !equal_caseless(slice(text, *at, *at + length), octets_text(word)))
        return false;
    *at += length;
    return true;
}

/* Between the two words: blanks, an underscore, or nothing. */
static size_t skip_joint(struct octets text, size_t at)
{
    return at < text.length && text.at[at] == '_' ? at + 1 : skip_blanks(text, at);
}

/* Moves `at` behind the key and its colon, if it stands there. */
static bool pass_key(struct octets text, size_t *at, enum key key)
{
    size_t end = *at;
    if (!pass_word(text, &end, keys[key].first))
        return false;
    if (keys[key].second != NULL) {
        end = skip_joint(text, end);
        if (!pass_word(text, &end, keys[key].second))
            return false;
    }
    end = skip_blanks(text, end);
    if (end == text.length || text.at[end] != ':')
        return false;
    *at = end + 1;
    return true;
}

/* "Text" behind err counts without its colon too, as a word of its own. */
static bool pass_bare_text(struct octets text, size_t *at)
{
    size_t end = *at;
    if (!pass_word(text, &end, keys[KEY_TEXT].first) ||
        (end < text.length && !is_blank(text.at[end])))
        return false;
    *at = end;
    return true;
}

static bool pass_strange_key(struct octets text, size_t *at)
{
    size_t end = *at;
    while (end < text.length && end - *at <= STRANGE_KEY_MOST && is_of_word(text.at[end]))
        end++;
    if (end == text.length || end - *at > STRANGE_KEY_MOST || text.at[end] != ':')
        return false;
    *at = end + 1;
    return true;
}

/* Which key begins at `at`, and if one does moves behind it. A known one may follow anything that
 * is no part of a word, a strange one only a blank. */
static enum key pass_any_key(struct octets text, size_t *at, enum key open)
{
    uint8_t before = *at == 0 ? ' ' : text.at[*at - 1];
    if (!is_letter(text.at[*at]) || is_of_word(before))
        return KEY_NONE;
    for (enum key key = 0; key < KEYS; key++)
        if (pass_key(text, at, key))
            return key;
    if (!is_blank(before))
        return KEY_NONE;
    if (open == KEY_ERR && pass_bare_text(text, at))
        return KEY_TEXT;
    return pass_strange_key(text, at) ? KEY_STRANGE : KEY_NONE;
}

/* -- values ------------------------------------------------------------------------------------ */

static void fields_add_id(struct fields *fields, struct octets id)
{
    if (id.length == 0 || fields->id_count == RECEIPT_IDS)
        return;
    if (id.length <= RECEIPT_ID_MOST)
        fields->ids[fields->id_count++] = id;
    else if (fields->overlong_id.length == 0)
        fields->overlong_id = cut_to(id, RECEIPT_ID_MOST);
}

/* The whole value first, since an id may hold a blank; then its first word. */
static void fields_add_ids(struct fields *fields, struct octets value)
{
    struct octets word = first_word(value);
    fields_add_id(fields, value);
    if (word.length != value.length)
        fields_add_id(fields, word);
}

static void fields_put(struct fields *fields, enum key key, struct octets raw)
{
    if (key >= KEYS || (key == KEY_ID && fields->is_behind_text))
        return;
    struct octets value = trim_quoted(raw);
    if (key == KEY_ID)
        fields_add_ids(fields, value);
    if (!fields->has[key])
        fields->values[key] = value;
    else if (!octets_equal(fields->values[key], value))
        fields->contradicts = true;
    fields->has[key] = true;
}

/* Some carriers put an empty text: before the end. Go on only if a key follows that is still
 * missing, and never for an id. `at` is behind the colon. */
static bool goes_on_behind_text(const struct fields *fields, struct octets text, size_t at)
{
    size_t next = skip_blanks(text, at);
    if (next == at || next == text.length)
        return false;
    enum key key = pass_any_key(text, &next, KEY_TEXT);
    return key < KEYS && key != KEY_ID && key != KEY_TEXT && !fields->has[key];
}

static void fields_read(struct fields *fields, struct octets text)
{
    enum key open = KEY_NONE;
    size_t begin = 0, at = 0;
    *fields = (struct fields){0};
    while (at < text.length) {
        size_t behind = at;
        enum key key = pass_any_key(text, &behind, open);
        if (key == KEY_NONE) {
            at++;
            continue;
        }
        fields_put(fields, open, slice(text, begin, at));
        open = key;
        begin = at = behind;
        if (key != KEY_TEXT)
            continue;
        if (!goes_on_behind_text(fields, text, at))
            break;
        fields->is_behind_text = true;
    }
    fields_put(fields, open, slice(text, begin, text.length));
}

static bool fields_are_empty(const struct fields *fields)
{
    for (enum key key = 0; key < KEYS; key++)
        if (fields->has[key])
            return false;
    return true;
}

/* -- states ------------------------------------------------------------------------------------ */

/* A word of the table: without case, any run of blanks for one. */
static bool is_phrase(struct octets value, const char *phrase)
{
    size_t at = 0;
    for (; *phrase != '\0'; phrase++) {
        if (at == value.length)
            return false;
        if (*phrase == ' ' && is_blank(value.at[at]))
            at = skip_blanks(value, at);
        else if (lower(value.at[at++]) != lower((uint8_t)*phrase))
            return false;
    }
    return at == value.length;
}

static bool state_of_word(struct octets word, enum receipt_state *state)
{
    static const struct {
        const char *word;
        enum receipt_state state;
    } words[] = {
#define RECEIPT_WORD(word, state) {word, RECEIPT_STATE_##state},
#include "proto/receipt.def"
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is_phrase(word, words[i].word)) {
            *state = words[i].state;
            return true;
        }
    }
    return false;
}

/* The word ends at a colon, bar, comma or semicolon; words of digits behind it are dropped. */
static struct octets stat_word(struct octets value)
{
    size_t end = 0;
    while (end < value.length && value.at[end] != ':' && value.at[end] != '|' &&
           value.at[end] != ',' && value.at[end] != ';')
        end++;
    struct octets word = trim(slice(value, 0, end));
    for (;;) {
        size_t last = word.length;
        while (last > 0 && is_digit(word.at[last - 1]))
            last--;
        if (last == 0 || last == word.length || !is_blank(word.at[last - 1]))
            return word;
        word = trim(slice(word, 0, last));
    }
}

/* "done date:2603140927 DELIVRD": where the key stat was lost, its word hangs on to the date. */
static void split_date(struct octets value, struct octets *date, struct octets *behind)
{
    for (size_t i = 1; i < value.length; i++) {
        if (is_blank(value.at[i - 1]) && is_letter(value.at[i])) {
            *date = trim(slice(value, 0, i));
            *behind = slice(value, i, value.length);
            return;
        }
    }
    *date = value;
    *behind = octets_of(NULL, 0);
}

/* message_state: one octet, but other widths are met. A reserved value is as good as none. */
static bool state_of_tlv(struct octets value, enum receipt_state *state)
{
    if (value.length == 0 || value.length > 4)
        return false;
    uint32_t number = 0;
    for (size_t i = 0; i < value.length; i++)
        number = number << 8 | value.at[i];
    if (number > RECEIPT_STATE_SKIPPED)
        return false;
    *state = (enum receipt_state)number;
    return true;
}

/* -- dates ------------------------------------------------------------------------------------- */

struct date {
    bool is_told, zone_is_told;
    int64_t at_ms;
};

/* A further reading: the nearest to the arrival stays; what is far off was misread. */
static void date_offer(struct date *date, int64_t at_ms, bool zone_is_told, int64_t heard_at)
{
    int64_t off_ms = llabs(at_ms - heard_at);
    if (off_ms > DATE_FAR_MS || (date->is_told && llabs(date->at_ms - heard_at) <= off_ms))
        return;
    *date = (struct date){.is_told = true, .zone_is_told = zone_is_told, .at_ms = at_ms};
}

/* YYYYMMDDhhmm, with seconds or without, as the pieces of an RFC 3339 time. */
static void date_offer_full_year(struct date *date, const char *digits, int64_t heard_at)
{
    char text[sizeof "YYYY-MM-DDThh:mm:ssZ"];
    const char *second = digits[12] == '\0' ? "00" : digits + 12;
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", digits, digits + 4, digits + 6,
             digits + 8, digits + 10, second);
    int64_t at_ms;
    if (time_read(octets_text(text), &at_ms))
        date_offer(date, at_ms, false, heard_at);
}

static void date_offer_epoch(struct date *date, const char *digits, int64_t unit_ms,
                             int64_t heard_at)
{
    date_offer(date, strtoll(digits, NULL, 10) * unit_ms, true, heard_at);
}

static void date_offer_smpp(struct date *date, struct octets value, int64_t heard_at)
{
    int64_t at_ms;
    enum smpp_time_kind kind = smpp_time_read(value, heard_at, &at_ms);
    if (kind == SMPP_TIME_ABSOLUTE || kind == SMPP_TIME_LOCAL)
        date_offer(date, at_ms, kind == SMPP_TIME_ABSOLUTE, heard_at);
}

/* 2026-03-14 09:27:45, with a zone or without. */
static void date_offer_iso(struct date *date, const char *text, int64_t heard_at)
{
    char with_zone[40];
    int64_t at_ms;
    if (time_read(octets_text(text), &at_ms)) {
        date_offer(date, at_ms, true, heard_at);
        return;
    }
    snprintf(with_zone, sizeof with_zone, "%sZ", text);
    if (time_read(octets_text(with_zone), &at_ms))
        date_offer(date, at_ms, false, heard_at);
}

/* How many octets a date has says which readings there are; several may be valid. */
static struct date date_read(struct octets value, int64_t heard_at)
{
    struct date date = {0};
    char text[36];
    if (!octets_copy_text(value, text, sizeof text))
        return date;
    date_offer_smpp(&date, value, heard_at);
    date_offer_iso(&date, text, heard_at);
    if (strspn(text, "0123456789") != value.length)
        return date;
    if (value.length == 10)
        date_offer_epoch(&date, text, 1000, heard_at);
    if (value.length == 13)
        date_offer_epoch(&date, text, 1, heard_at);
    if (value.length == 12 || value.length == 14)
        date_offer_full_year(&date, text, heard_at);
    return date;
}

/* -- the whole --------------------------------------------------------------------------------- */

/* A header is cut off only where there is one: some carriers copy the bit and leave the header out.
 */
static struct octets text_of(const struct receipt_source *source)
{
    struct udh udh;
    struct octets behind;
    bool has_header =
        (source->esm_class & ESM_UDHI) != 0 && udh_read(source->text, &udh, &behind) && !udh.is_broken;
    return has_header ? behind : source->text;
}

/* Keys are ASCII. With data_coding 8 they may be UTF-16 in truth, or only by that claim; from a carrier that packs, they may
 * be packed, or not, since it wrote them itself. */
static void read_text(const struct receipt_source *source, struct region *region,
                      struct fields *fields)
{
    struct octets text = text_of(source);
    if (text_alphabet_of(source->data_coding) == TEXT_UCS2) {
        fields_read(fields, text_decode(text, source->data_coding, region, NULL));
        if (!fields_are_empty(fields))
            return;
    }
    fields_read(fields, text);
    if (!fields_are_empty(fields) || source->zero != TEXT_ZERO_PACKED)
        return;
    const struct text_source packed = {.data_coding = source->data_coding,
                                       .zero = source->zero,
                                       .header_length = source->text.length - text.length};
    fields_read(fields, text_read(text, &packed, region, NULL));
}

/* Without the NULs behind it; one of more than 64 octets can't be read, so it is absent. */
static struct octets id_of_tlv(struct octets value)
{
    while (value.length > 0 && value.at[value.length - 1] == 0)
        value.length--;
    return value.length <= RECEIPT_ID_MOST ? value : octets_of(NULL, 0);
}

static void receipt_add_ids(struct receipt *receipt, const struct octets *ids, unsigned count)
{
    for (unsigned i = 0; i < count && receipt->id_count < RECEIPT_IDS; i++)
        receipt->ids[receipt->id_count++] = ids[i];
}

static void receipt_set_ids(struct receipt *receipt, const struct fields *fields,
                            struct octets tlv_id, bool text_first)
{
    unsigned tlv_count = tlv_id.length > 0 ? 1 : 0;
    receipt->overlong_id = fields->overlong_id;
    if (text_first && fields->id_count > 0) {
        receipt_add_ids(receipt, fields->ids, fields->id_count);
        receipt_add_ids(receipt, &tlv_id, tlv_count);
        return;
    }
    receipt->id_is_tlv = tlv_count > 0;
    receipt_add_ids(receipt, &tlv_id, tlv_count);
    receipt_add_ids(receipt, fields->ids, fields->id_count);
}

static void receipt_set_done_date(struct receipt *receipt, struct octets value, int64_t heard_at)
{
    struct date date = date_read(value, heard_at);
    receipt->has_done_date = date.is_told;
    receipt->zone_is_told = date.zone_is_told;
    receipt->done_at = date.at_ms;
}

/* 3 octets, a type and a code; whoever sends another length means something else by it. */
static void receipt_set_errors(struct receipt *receipt, struct octets err, struct octets tlv,
                               struct region *region)
{
    if (tlv.length == 3)
        receipt->network_error =
            octets_text(region_format(region, "%d:%d", tlv.at[0], tlv.at[1] << 8 | tlv.at[2]));
    receipt->err = err.length > 0 ? cut_to(err, RECEIPT_VALUE_MOST) : receipt->network_error;
}

/* sub, dlvrd and err never decide a state. */
static void receipt_set_state(struct receipt *receipt, struct octets stat, struct octets tlv,
                              bool text_first)
{
    enum receipt_state of_text = RECEIPT_STATE_UNKNOWN, of_tlv = RECEIPT_STATE_UNKNOWN;
    bool text_tells = state_of_word(stat_word(stat), &of_text);
    bool tlv_tells = state_of_tlv(tlv, &of_tlv);
    receipt->stat = cut_to(stat, RECEIPT_VALUE_MOST);
    receipt->state = tlv_tells && !(text_first && text_tells) ? of_tlv : of_text;
    if (text_tells && tlv_tells && of_text != of_tlv)
        receipt->contradicts = true;
}

static enum receipt_kind kind_of(const struct receipt_source *source,
                                 const struct receipt_profile *profile, const struct fields *fields)
{
    uint8_t type = source->esm_class & ESM_TYPE;
    enum receipt_state state;
    if (type == ESM_TYPE_RECEIPT || type == ESM_TYPE_INTERMEDIATE)
        return RECEIPT_SURE;
    if (id_of_tlv(source->id).length > 0 && state_of_tlv(source->state, &state))
        return RECEIPT_SURE; /* no handset can set TLVs */
    bool has_date =
        fields->values[KEY_SUBMIT_DATE].length > 0 || fields->values[KEY_DONE_DATE].length > 0;
    bool reads_so = fields->id_count > 0 && fields->values[KEY_STAT].length > 0 &&
                    (has_date || fields->values[KEY_ERR].length > 0);
    return profile->by_text && reads_so ? RECEIPT_PERHAPS : RECEIPT_NOT;
}

static bool closes(const struct receipt *receipt, const struct receipt_source *source,
                   const struct receipt_profile *profile)
{
    if ((source->esm_class & ESM_TYPE) == ESM_TYPE_INTERMEDIATE)
        return false;
    if (receipt->state == RECEIPT_STATE_ACCEPTED)
        return profile->accepted_is_final;
    return receipt_state_is_final(receipt->state);
}

void receipt_read(const struct receipt_source *source, const struct receipt_profile *profile,
                  struct region *region, struct receipt *receipt)
{
    struct fields fields;
    read_text(source, region, &fields);
    *receipt = (struct receipt){.kind = kind_of(source, profile, &fields)};
    if (receipt->kind == RECEIPT_NOT)
        return;

    struct octets tlv_id = id_of_tlv(source->id);
    struct octets date, behind_date, stat = fields.values[KEY_STAT];
    enum receipt_state state;
    split_date(fields.values[KEY_DONE_DATE], &date, &behind_date);
    if (!fields.has[KEY_STAT] && state_of_word(behind_date, &state))
        stat = behind_date;

    receipt->contradicts = fields.contradicts;
    receipt_set_ids(receipt, &fields, tlv_id, profile->text_first);
    receipt_set_state(receipt, stat, source->state, profile->text_first);
    receipt_set_done_date(receipt, date, source->heard_at);
    receipt_set_errors(receipt, fields.values[KEY_ERR], source->error, region);
    receipt->is_final = closes(receipt, source, profile);
    receipt->has_facts =
        !fields_are_empty(&fields) || tlv_id.length > 0 || state_of_tlv(source->state, &state);
}

/* -- ids in disguise --------------------------------------------------------------------------- */

#define DECIMAL_MOST 80 /* digits; 64 of hexadecimal are at most 78 */
#define SHORTEST_CUT 8  /* appendix B has room for 10 */

static int hex_value(uint8_t digit)
{
    if (is_digit(digit))
        return digit - '0';
    uint8_t letter = lower(digit);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool is_hex(struct octets id)
{
    for (size_t i = 0; i < id.length; i++)
        if (hex_value(id.at[i]) < 0)
            return false;
    return id.length > 0;
}

static struct octets without_zeros(struct octets id)
{
    size_t zeros = 0;
    while (zeros + 1 < id.length && id.at[zeros] == '0')
        zeros++;
    return slice(id, zeros, id.length);
}

/* Ids pass 2^64, so the sum is done by hand: digits[0] is the lowest. Gives how many there are. */
static size_t decimal_of_hex(struct octets hex, uint8_t digits[DECIMAL_MOST])
{
    size_t count = 1;
    digits[0] = 0;
    for (size_t i = 0; i < hex.length; i++) {
        int carry = hex_value(hex.at[i]);
        for (size_t k = 0; k < count || carry > 0; k++) {
            must(k < DECIMAL_MOST);
            int sum = carry + (k < count ? 16 * digits[k] : 0);
            digits[k] = (uint8_t)(sum % 10);
            carry = sum / 10;
            count = k + 1 > count ? k + 1 : count;
        }
    }
    return count;
}

/* Whether `hex` read as hexadecimal and `decimal` read as decimal are one number. */
static bool is_same_number(struct octets hex, struct octets decimal)
{
    uint8_t digits[DECIMAL_MOST];
    if (!is_hex(hex))
        return false;
    size_t count = decimal_of_hex(hex, digits);
    decimal = without_zeros(decimal);
    if (decimal.length != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (decimal.at[i] != '0' + digits[count - 1 - i])
            return false;
    return true;
}

/* One lacks what the other has behind it: a suffix, or all that a short field had no room for.
 * Inside a word only a receipt may be cut, and not to a stub that many ids begin with. */
static bool is_beginning(struct octets whole, struct octets beginning, bool may_cut_words)
{
    if (beginning.length >= whole.length || memcmp(whole.at, beginning.at, beginning.length) != 0)
        return false;
    uint8_t next = whole.at[beginning.length];
    return (may_cut_words && beginning.length >= SHORTEST_CUT) ||
           !(is_letter(next) || is_digit(next));
}

enum receipt_match receipt_id_match(struct octets submitted, struct octets received)
{
    if (submitted.length == 0 || received.length == 0 || submitted.length > RECEIPT_ID_MOST ||
        received.length > RECEIPT_ID_MOST)
        return RECEIPT_MATCH_NONE;
    if (octets_equal(submitted, received))
        return RECEIPT_MATCH_EXACT;
    if (equal_caseless(submitted, received))
        return RECEIPT_MATCH_CASE;
    if (is_hex(submitted) && equal_caseless(without_zeros(submitted), without_zeros(received)))
        return RECEIPT_MATCH_STRIP_ZEROS;
    if (is_same_number(submitted, received))
        return RECEIPT_MATCH_HEX_TO_DEC;
    if (is_same_number(received, submitted))
        return RECEIPT_MATCH_DEC_TO_HEX;
    if (is_beginning(submitted, received, true) || is_beginning(received, submitted, false))
        return RECEIPT_MATCH_PREFIX;
    return RECEIPT_MATCH_NONE;
}

const char *receipt_match_text(enum receipt_match match)
{
    static const char *const texts[] = {
#define RECEIPT_MATCH(name, text) text,
#include "proto/receipt.def"
    };
    must(match < sizeof texts / sizeof texts[0]);
    return texts[match];
}

/* -- states by name, and receipts of our own --------------------------------------------------- */

static const struct {
    const char *text, *word;
    bool is_final;
} states[] = {
#define RECEIPT_STATE(number, name, text, word, is_final) [number] = {text, word, is_final},
#include "proto/receipt.def"
};

const char *receipt_state_text(enum receipt_state state)
{
    must(state < sizeof states / sizeof states[0]);
    return states[state].text;
}

bool receipt_state_is_final(enum receipt_state state)
{
    must(state < sizeof states / sizeof states[0]);
    return states[state].is_final;
}

/* Three letters or digits: more than that, or a blank, would spoil the pattern that readers expect.
 */
static void write_err(const char *err, char out[4])
{
    size_t length = 0;
    const char *from = err == NULL ? "" : err;
    while (is_letter((uint8_t)from[length]) || is_digit((uint8_t)from[length]))
        length++;
    if (length > 3)
        from += length - 3;
    snprintf(out, 4, "%.*s", length > 3 ? 3 : (int)length, length == 0 ? "" : from);
    if (length == 0)
        memcpy(out, "000", 4);
}

/* YYMMDDhhmm of UTC. A time that two digits of a year can't tell is told as zeros, which readers
 * take for none. */
static void write_date(int64_t at_ms, char out[SMPP_TIME_SIZE])
{
    if (!smpp_time_write(at_ms, out))
        snprintf(out, SMPP_TIME_SIZE, "0000000000");
    out[10] = '\0';
}

char *receipt_write(const struct receipt_draft *draft, struct region *region)
{
    char submitted[SMPP_TIME_SIZE], done[SMPP_TIME_SIZE], err[4];
    must(draft->state < sizeof states / sizeof states[0]);
    write_date(draft->submitted_at, submitted);
    write_date(draft->done_at, done);
    write_err(draft->err, err);
    return region_format(
        region,
        "id:%s sub:%03u dlvrd:%03u submit date:%s done date:%s stat:%s err:%s text:", draft->id,
        draft->submitted % 1000, draft->delivered % 1000, submitted, done,
        states[draft->state].word, err);
}
