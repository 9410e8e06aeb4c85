#include "smpp/writing.h"

#include "base/region.h"

bool writing_takes_tables(const struct writing_rules *rules)
{
    return text_zero_is_gsm7(rules->zero) && (rules->style == PARTS_UDH || rules->style == PARTS_UDH16);
}

static bool has_language(const struct writing_rules *rules, unsigned language)
{
    return language == 0 || (rules->languages >> language & 1) != 0;
}

bool writing_allows(const struct writing_rules *rules, struct gsm7_tables tables)
{
    return writing_takes_tables(rules) && has_language(rules, tables.locking) &&
           has_language(rules, tables.single);
}

enum parts_style writing_part_style(enum parts_style style)
{
    return style == PARTS_SAR ? PARTS_SAR : PARTS_UDH;
}

bool writing_fits(struct octets utf8, struct text_form form, enum text_zero zero,
                  struct region *region)
{
    struct octets encoded;
    return text_encode_form(utf8, form, region, &encoded) &&
           (form.alphabet != TEXT_GSM7 || text_zero_holds(zero, encoded, form.tables));
}

/* ---- one form after the other ---- */

struct search {
    struct octets utf8;
    const struct writing_rules *rules;
    struct part_mark mark;
    struct region *region;
    struct writing *best;
    bool is_found;
    uint32_t stumble; /* one of its characters; where tables lacked one, that one: others mostly lack it, too */
};

static size_t count_characters(struct octets utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < utf8.length; i++)
        count += (utf8.at[i] & 0xC0) != 0x80 ? 1 : 0;
    return count;
}

static struct octets header_of(const struct search *search, struct gsm7_tables tables,
                               uint8_t room[PARTS_HEADER_MOST])
{
    return parts_header(tables, part_mark_pack(search->mark), room);
}

/* A character has a septet at least: of most tables one knows beforehand that they can't do better. */
static bool may_be_better(const struct search *search, struct text_form form)
{
    uint8_t room[PARTS_HEADER_MOST];
    return search->best->parts > 1 &&
           parts_least(count_characters(search->utf8), form.alphabet,
                       header_of(search, form.tables, room), search->rules->style) <
               search->best->parts;
}

static enum parts_style style_of(const struct search *search, unsigned parts)
{
    if (search->mark.total > 0)
        return writing_part_style(search->rules->style);
    return parts == 1 ? PARTS_UDH : search->rules->style;
}

static bool have_all(struct search *search, struct gsm7_tables tables)
{
    uint8_t septets[2];
    struct octets rest = search->utf8;
    if (search->stumble != 0 && gsm7_put(tables, search->stumble, septets) == 0)
        return false;
    while (rest.length > 0)
        if (!text_take(&rest, &search->stumble) || gsm7_put(tables, search->stumble, septets) == 0)
            return false;
    return true;
}

static void try_form(struct search *search, struct text_form form)
{
    struct octets encoded;
    uint8_t room[PARTS_HEADER_MOST];
    bool has_tables = form.tables.locking != 0 || form.tables.single != 0;
    if ((search->is_found && !may_be_better(search, form)) ||
        (has_tables && !have_all(search, form.tables)) ||
        !text_encode_form(search->utf8, form, search->region, &encoded) ||
        (form.alphabet == TEXT_GSM7 && !text_zero_holds(search->rules->zero, encoded, form.tables)))
        return;
    unsigned parts = parts_count_by(encoded, form.alphabet, header_of(search, form.tables, room),
                                    search->rules->style);
    if (parts == 0)
        parts = PARTS_MOST + 1;
    if (search->is_found && parts >= search->best->parts)
        return;
    search->is_found = true;
    search->best->form = form;
    search->best->parts = parts;
    search->best->style = style_of(search, parts);
}

static void try_tables(struct search *search, unsigned locking, unsigned single)
{
    struct gsm7_tables tables = gsm7_tables_of((uint8_t)locking, (uint8_t)single);
    bool is_default = locking == 0 && single == 0;
    bool is_there = tables.locking == locking && tables.single == single;
    if (is_default || (is_there && writing_allows(search->rules, tables)))
        try_form(search, (struct text_form){.alphabet = TEXT_GSM7, .tables = tables});
}

/* What is refused anyway is not looked through by every pair of tables. */
static bool is_too_long(const struct search *search)
{
    return parts_least(count_characters(search->utf8), TEXT_GSM7, octets_of(NULL, 0), PARTS_UDH) >
           PARTS_LIMIT;
}

/* What a locking table lacks takes two septets, whichever single shifts go with it. */
static size_t septets_by(struct octets utf8, unsigned locking)
{
    uint8_t septets[2];
    uint32_t character;
    size_t count = 0;
    const struct gsm7_tables tables = gsm7_tables_of((uint8_t)locking, 0);
    while (utf8.length > 0 && text_take(&utf8, &character))
        count += gsm7_put(tables, character, septets) == 1 ? 1 : 2;
    return count;
}

/* With all single shifts; a text of many parts is looked at once before that, not for each pair. */
static void try_locking(struct search *search, unsigned locking)
{
    uint8_t room[PARTS_HEADER_MOST];
    const struct gsm7_tables alone = gsm7_tables_of((uint8_t)locking, 0);
    unsigned least = parts_least(septets_by(search->utf8, locking), TEXT_GSM7,
                                 header_of(search, alone, room), search->rules->style);
    for (unsigned single = 0; single <= GSM7_LANGUAGES; single++)
        if (!search->is_found || least < search->best->parts)
            try_tables(search, locking, single);
}

/* Single shifts first: what a phone that knows no tables shows of such a text is wrong in fewer places. */
static void try_gsm7(struct search *search, struct gsm7_tables sender_tables)
{
    if (search->mark.total > 0) {
        try_tables(search, sender_tables.locking, sender_tables.single);
        return;
    }
    try_tables(search, 0, 0);
    if (search->rules->languages == 0 || !writing_takes_tables(search->rules) || is_too_long(search))
        return;
    for (unsigned locking = 0; locking <= GSM7_LANGUAGES; locking++)
        try_locking(search, locking);
}

/* ---- substitutes ---- */

static const struct {
    uint32_t character;
    const char *text;
} substitutes[] = {
#define SUBSTITUTE(character, text) {character, text},
#include "proto/substitute.def"
};
#define SUBSTITUTES (sizeof substitutes / sizeof *substitutes)
#define LONGEST     3 /* octets of the longest */

static const char *substitute_of(uint32_t character)
{
    for (size_t i = 0; i < SUBSTITUTES; i++)
        if (substitutes[i].character == character)
            return substitutes[i].text;
    return NULL;
}

/* Once each, as long as there is room. */
static void note_replaced(char replaced[WRITING_REPLACED_SIZE], struct octets character)
{
    char one[5];
    octets_copy_text(character, one, sizeof one);
    size_t length = strlen(replaced);
    if (strstr(replaced, one) == NULL && length + character.length < WRITING_REPLACED_SIZE)
        memcpy(replaced + length, one, character.length + 1);
}

/* False: there is nothing to replace, or it is not UTF-8. */
static bool replace(struct octets utf8, struct region *region, struct octets *out,
                    char replaced[WRITING_REPLACED_SIZE])
{
    uint8_t *start = region_get(region, LONGEST * utf8.length + 1), *end = start;
    while (utf8.length > 0) {
        uint32_t character;
        struct octets before = utf8;
        if (!text_take(&utf8, &character))
            return false;
        struct octets raw = octets_of(before.at, before.length - utf8.length);
        const char *text = substitute_of(character);
        struct octets piece = text == NULL ? raw : octets_text(text);
        if (text != NULL)
            note_replaced(replaced, raw);
        if (piece.length > 0)
            memcpy(end, piece.at, piece.length);
        end += piece.length;
    }
    *out = octets_of(start, (size_t)(end - start));
    return replaced[0] != '\0' && out->length > 0;
}

/* Only what is GSM as a whole then. */
static void try_substitutes(struct search *search)
{
    struct octets given = search->utf8;
    char replaced[WRITING_REPLACED_SIZE] = "";
    if (!replace(given, search->region, &search->utf8, replaced)) {
        search->utf8 = given;
        return;
    }
    search->stumble = 0;
    try_gsm7(search, (struct gsm7_tables){0, 0});
    if (search->is_found) {
        search->best->text = search->utf8;
        memcpy(search->best->replaced, replaced, sizeof replaced);
    } else {
        search->utf8 = given;
    }
}

enum writing_fault writing_choose(struct octets utf8, enum writing_want want,
                                  const struct writing_rules *rules, struct part_mark mark,
                                  struct gsm7_tables sender_tables, struct region *region,
                                  struct writing *out)
{
    struct search search = {.utf8 = utf8,
                            .rules = rules,
                            .mark = mark,
                            .region = region,
                            .best = out};
    *out = (struct writing){.text = utf8};
    if (want != WRITING_UCS2)
        try_gsm7(&search, sender_tables);
    if (!search.is_found && !text_is_utf8(utf8)) /* what is GSM 03.38 is UTF-8 */
        return WRITING_NOT_UTF8;
    if (want != WRITING_UCS2 && !search.is_found && rules->substitutes && mark.total == 0)
        try_substitutes(&search);
    if (want == WRITING_GSM7)
        return search.is_found ? WRITING_OK : WRITING_NOT_GSM7;
    bool is_default = search.is_found && (out->form.tables.locking | out->form.tables.single) == 0;
    if (!is_default)
        try_form(&search, (struct text_form){.alphabet = TEXT_UCS2});
    return WRITING_OK;
}
