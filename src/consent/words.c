#include "words.h"

#include <string.h>

#include <utf8proc.h>

#include "base/must.h"

#define BLANK ' '
#define BREAK '\n' /* ends a clause */

/* ---- a text as points ---- */

struct points {
    utf8proc_int32_t at[2 * WORDS_OCTETS_MAX + 64];
    size_t count;
    bool has_accents;
};

static const utf8proc_int32_t signs[] = {
#define SIGN(point) point,
#include "proto/keyword.def"
};

static const struct {
    utf8proc_int32_t point;
    char letter;
} lookalikes[] = {
#define LOOKALIKE(point, letter) {point, letter},
#include "proto/keyword.def"
};

static const struct {
    utf8proc_int32_t first;
    char letter;
} alphabets[] = {
#define ALPHABET(first, letter) {first, letter},
#include "proto/keyword.def"
};

static bool is_one_of(utf8proc_int32_t point, const utf8proc_int32_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == point)
            return true;
    return false;
}

/* Signs that say STOP by themselves, or stand for a word, are words; every other one is a blank. */
static bool is_sign(utf8proc_int32_t point)
{
    return is_one_of(point, signs, sizeof signs / sizeof *signs);
}

static bool is_apostrophe(utf8proc_int32_t point)
{
    static const utf8proc_int32_t list[] = {'\'', '`', 0xb4, 0x2018, 0x2019, 0x2032, 0x2bb, 0x2bc};
    return is_one_of(point, list, sizeof list / sizeof *list);
}

/* Full stops and hyphens are looked at again when their neighbours are known. */
static utf8proc_int32_t mark_of(utf8proc_int32_t point)
{
    static const utf8proc_int32_t breaks[] = {'!',  '?',   ',',   ';',    '\n',   '\r',   0xa1,
                                              0xbf, 0x61f, 0x60c, 0x3002, 0x3001, 0x2013, 0x2014};
    if (point == '.' || point == '-' || point == '$' || point == '#' || point == '+' ||
        point == '@')
        return point;
    return is_one_of(point, breaks, sizeof breaks / sizeof *breaks) ? BREAK : BLANK;
}

static void point_put(struct points *points, utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    bool is_letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
    bool is_number = category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
    if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME) {
        points->has_accents = true;
        return;
    }
    if (is_apostrophe(point) || category == UTF8PROC_CATEGORY_CF)
        return;
    if (is_sign(point)) {
        points->at[points->count++] = BLANK;
        points->at[points->count++] = point;
        point = BLANK;
    }
    points->at[points->count++] = is_letter || is_number ? point : mark_of(point);
}

/* Alphabets of signs that Unicode doesn't take apart itself: 🆂🆃🅾🅿. */
static utf8proc_int32_t letter_of(utf8proc_int32_t point)
{
    for (size_t i = 0; i < sizeof alphabets / sizeof *alphabets; i++)
        if (point >= alphabets[i].first && point < alphabets[i].first + 26)
            return alphabets[i].letter + (point - alphabets[i].first);
    return point;
}

/* Folds case, width and accents away. A point may come apart into several: U+FDFA into 18. */
static void points_read(struct octets text, struct points *points)
{
    const utf8proc_option_t fold =
        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    points->count = 0;
    points->has_accents = false;
    for (size_t at = 0; at < text.length && points->count < WORDS_OCTETS_MAX;) {
        utf8proc_int32_t point, parts[32];
        utf8proc_ssize_t step =
            utf8proc_iterate(text.at + at, (utf8proc_ssize_t)(text.length - at), &point);
        at += step > 0 ? (size_t)step : 1;
        if (step <= 0 || is_apostrophe(point)) {
            point_put(points, step <= 0 ? BLANK : point);
            continue;
        }
        int boundary = 0;
        utf8proc_ssize_t count =
            utf8proc_decompose_char(letter_of(point), parts, 32, fold, &boundary);
        must(count <= 32);
        for (utf8proc_ssize_t i = 0; i < count; i++)
            point_put(points, parts[i]);
    }
    points->at[points->count] = BREAK;
}

static bool is_gap(utf8proc_int32_t point)
{
    return point == BLANK || point == BREAK || point == '.' || point == '-' || point == '$' ||
           point == '#' || point == '+' || point == '@';
}

/* A full stop ends a clause where a gap follows ("example.com"), a hyphen between two gaps
 * ("opt-out"), where # and + are words ("wrong #", "no + mensajes"); a dollar sign is an s where a
 * letter follows ("$top"). "stop@example.com" is one word. */
static void marks_settle(struct points *points)
{
    utf8proc_int32_t before = BREAK;
    for (size_t i = 0; i < points->count; i++) {
        utf8proc_int32_t point = points->at[i];
        bool gap_before = is_gap(before), gap_behind = is_gap(points->at[i + 1]);
        before = point;
        if (point == '.')
            points->at[i] = gap_behind ? BREAK : BLANK;
        else if (point == '-')
            points->at[i] = gap_before && gap_behind ? BREAK : BLANK;
        else if (point == '$')
            points->at[i] = points->at[i + 1] >= 'a' && points->at[i + 1] <= 'z' ? 's' : BLANK;
        else if (point == '#' || point == '+')
            points->at[i] = gap_before && gap_behind ? point : BLANK;
        else if (point == '@')
            points->at[i] = gap_before || gap_behind ? BLANK : point;
    }
}

static char lookalike_of(utf8proc_int32_t point)
{
    for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++)
        if (lookalikes[i].point == point)
            return lookalikes[i].letter;
    return '\0';
}

/* "st0p", and "stор" with letters of another alphabet: a word that is all Latin letters and what is
 * drawn like one, and not all digits. */
static void word_unmask(utf8proc_int32_t *at, size_t length)
{
    size_t letters = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_latin = at[i] >= 'a' && at[i] <= 'z';
        if (!is_latin && lookalike_of(at[i]) == '\0')
            return;
        letters += is_latin || at[i] > '9';
    }
    for (size_t i = 0; letters > 0 && i < length; i++)
        if (lookalike_of(at[i]) != '\0')
            at[i] = lookalike_of(at[i]);
}

static void points_unmask(struct points *points)
{
    size_t from = 0;
    for (size_t i = 0; i <= points->count; i++) {
        if (points->at[i] != BLANK && points->at[i] != BREAK)
            continue;
        word_unmask(points->at + from, i - from);
        from = i + 1;
    }
}

/* ---- points as words ---- */

/* "stoooop" is "stop": three and more of a letter count as one. */
static size_t letters_squeeze(char *text, size_t length)
{
    size_t kept = 0;
    for (size_t i = 0; i < length;) {
        size_t run = 1;
        while (i + run < length && text[i + run] == text[i])
            run++;
        size_t keep = run >= 3 && text[i] >= 'a' && text[i] <= 'z' ? 1 : run;
        memmove(text + kept, text + i, keep);
        kept += keep;
        i += run;
    }
    return kept;
}

bool word_is(const struct word *word, const char *text, size_t length)
{
    return word->length == length && memcmp(word->at, text, length) == 0;
}

/* A word said over and over counts once. */
static void word_put(struct words *words, char *at, size_t length)
{
    length = letters_squeeze(at, length);
    struct word *last = words->count > 0 ? &words->word[words->count - 1] : NULL;
    if (length == 0)
        return;
    if (last != NULL && length > 1 && word_is(last, at, length))
        last->ends_clause = false;
    else if (words->count == WORDS_MAX)
        words->is_long = true;
    else
        words->word[words->count++] = (struct word){.at = at, .length = length};
}

static void words_split(struct words *words, size_t length)
{
    size_t from = 0;
    words->text[length] = BREAK;
    for (size_t i = 0; i <= length; i++) {
        if (words->text[i] != BLANK && words->text[i] != BREAK)
            continue;
        word_put(words, words->text + from, i - from);
        if (words->text[i] == BREAK && words->count > 0)
            words->word[words->count - 1].ends_clause = true;
        from = i + 1;
    }
}

static size_t letters_run(const struct words *words, size_t from)
{
    size_t at = from;
    while (at < words->count && words->word[at].length == 1 && words->word[at].at[0] >= 'a' &&
           words->word[at].at[0] <= 'z')
        at++;
    return at - from;
}

/* "s t o p" and "S.T.O.P." are "stop", whatever stands around them. */
static void words_join_letters(struct words *words)
{
    size_t kept = 0;
    for (size_t at = 0; at < words->count;) {
        size_t run = letters_run(words, at);
        struct word word = words->word[at];
        if (run >= 3) {
            char *to = words->text + (word.at - words->text);
            for (size_t i = 0; i < run; i++)
                to[i] = *words->word[at + i].at;
            word.length = letters_squeeze(to, run);
            word.ends_clause = words->word[at + run - 1].ends_clause;
        }
        words->word[kept++] = word;
        at += run >= 3 ? run : 1;
    }
    words->count = kept;
}

void words_read(struct octets text, struct words *words)
{
    struct points points;
    size_t length = 0;
    words->count = 0;
    words->is_long = text.length > WORDS_OCTETS_MAX;
    text.length = words->is_long ? WORDS_OCTETS_MAX : text.length;
    points_read(text, &points);
    marks_settle(&points);
    points_unmask(&points);
    utf8proc_ssize_t count = utf8proc_normalize_utf32(points.at, (utf8proc_ssize_t)points.count,
                                                      UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    for (utf8proc_ssize_t i = 0; i < count && length + 4 < sizeof words->text; i++)
        length += (size_t)utf8proc_encode_char(points.at[i], (uint8_t *)words->text + length);
    words->has_accents = points.has_accents;
    words_split(words, length);
    words_join_letters(words);
}

bool words_run_together(const struct words *words, char *out, size_t size, struct word *whole)
{
    *whole = (struct word){.at = out, .ends_clause = true};
    for (size_t i = 0; i < words->count; i++) {
        if (whole->length + words->word[i].length > size)
            return false;
        memcpy(out + whole->length, words->word[i].at, words->word[i].length);
        whole->length += words->word[i].length;
    }
    return true;
}
